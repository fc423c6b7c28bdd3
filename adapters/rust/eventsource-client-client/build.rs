fn main() {
    implementation_version::export("eventsource-client");
}
