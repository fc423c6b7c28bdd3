fn main() {
    implementation_version::export("async-sse");
}
