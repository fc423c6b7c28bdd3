fn main() {
    implementation_version::export("reqwest-eventsource");
}
