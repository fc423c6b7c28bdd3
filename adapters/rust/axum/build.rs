fn main() {
    implementation_version::export("axum");
}
