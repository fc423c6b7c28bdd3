fn main() {
    implementation_version::export("actix-web-lab");
}
