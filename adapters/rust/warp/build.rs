fn main() {
    implementation_version::export("warp");
}
