fn main() {
    implementation_version::export("rocket");
}
