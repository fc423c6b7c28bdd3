fn main() {
    implementation_version::export("salvo");
}
