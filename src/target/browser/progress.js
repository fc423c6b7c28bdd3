// Shows a person how far the run is, where the harness says so.
