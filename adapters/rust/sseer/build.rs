fn main() {
    implementation_version::export("sseer");
}
