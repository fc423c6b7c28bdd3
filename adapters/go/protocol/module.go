package protocol

import (
	"log"
	"runtime/debug"
)

// ModuleVersion returns the version of a module as it was built into this program.
func ModuleVersion(path string) string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		log.Fatal("this program was built without module support")
	}
	for _, module := range build.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	log.Fatalf("%s is not built into this program", path)
	return ""
}
