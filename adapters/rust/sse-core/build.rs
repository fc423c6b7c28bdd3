fn main() {
    implementation_version::export("sse-core");
}
