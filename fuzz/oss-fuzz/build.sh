#!/bin/bash -eu
# Builds the targets, and packs their seeds and dictionary where OSS-Fuzz and ClusterFuzzLite look for them.
cd "$SRC/ssespec"
cargo fuzz build -O --debug-assertions
for target in $(cargo fuzz list); do
  # A divergence of a peer is not a bug of this project: those targets are for whoever hunts in other implementations.
  case $target in differential_*) continue ;; esac
  cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
  cp fuzz/event-stream.dict "$OUT/$target.dict"
done
find cases/exported/parser -name '*.sse' -print0 | xargs -0 zip -q "$OUT/parse_seed_corpus.zip"
cp "$OUT/parse_seed_corpus.zip" "$OUT/literal_seed_corpus.zip"
find cases/parser -name '*.yaml' -print0 | xargs -0 zip -q "$OUT/corpus_yaml_seed_corpus.zip"
zip -q "$OUT/adapter_message_seed_corpus.zip" fuzz/seeds/adapter_message/*
