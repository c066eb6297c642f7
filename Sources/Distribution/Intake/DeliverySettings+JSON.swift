extension DeliverySettings {
    package var json: JSON { .object(JSONObject()) }
    package init(json: JSONObject) throws(Refusal) { self.init() }
}
