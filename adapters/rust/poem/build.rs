fn main() {
    implementation_version::export("poem");
}
