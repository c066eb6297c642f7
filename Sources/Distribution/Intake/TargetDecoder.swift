package enum TargetDecoder {
    package static func decodeNew(_ object: JSONObject) throws(Refusal) -> TargetInput { TargetInput() }
    package static func decodeUpdate(_ object: JSONObject) throws(Refusal) -> TargetInput { TargetInput() }
}
