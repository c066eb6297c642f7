/// The version that outbound requests, broker connections and commands name.
package enum Release {
    package static let version = "0.1.0"
}
