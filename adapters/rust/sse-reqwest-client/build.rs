fn main() {
    implementation_version::export("sse-reqwest-client");
}
