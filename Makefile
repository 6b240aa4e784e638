# The README's commands.  The build itself is CMakeLists.txt; its presets are in CMakePresets.json.

PRESETS_TESTED = check asan tsan mutants

.PHONY: help build run test clean format

help:           ## Shows this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

build:          ## Installs the core packages if they are missing and builds ./build/gclab, checks off
	@bench/packages.sh core
	cmake --preset bench
	cmake --build --preset bench

run: build      ## Builds, then runs every collector and every workload (suites/quick.yaml): a table and report.html
	./build/gclab suite bench/suites/quick.yaml
	./build/gclab report "$$(ls -td results/quick-* | head -n 1)"

# One list over all presets, so that the last lines sum up everything that ran.
test:           ## Builds and runs all tests: checks and random yields, sanitizers, planted faults
	@bench/packages.sh core tests
	set -e; for preset in $(PRESETS_TESTED); do cmake --preset $$preset; cmake --build --preset $$preset; done
	@mkdir -p build/tested
	@for preset in $(PRESETS_TESTED); do echo "subdirs(../$$preset)"; done > build/tested/CTestTestfile.cmake
	ctest --test-dir build/tested --parallel $$(nproc) --output-on-failure --no-tests=error

clean:          ## Removes build/; results/ stays
	rm -rf build

format:         ## Formats the C and C++ sources as .clang-format says (clang-format-14)
	@bench/packages.sh format
	find runtime collectors workloads bench tests -name '*.[ch]' -o -name '*.cc' | xargs clang-format-14 -i
