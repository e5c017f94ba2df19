# SPDX-License-Identifier: Apache-2.0
# The front door on a fresh Debian 12. Meson does the building; this installs what it needs and
# knows the commands by heart.
SHELL := /bin/bash
BUILD := build
PACKAGES := gcc libc6-dev meson ninja-build pkg-config python3 libisal-dev libzstd-dev libarchive-dev \
  liblzma-dev libssl-dev libcurl4-openssl-dev libsqlite3-dev libseccomp-dev libxml2-dev libyaml-dev \
  libpcre2-dev ca-certificates
TEST_PACKAGES := libcmocka-dev clang llvm libclang-rt-14-dev clang-format-14 clang-tidy-14 gcovr \
  shellcheck mandoc jq zstd xz-utils bzip2 isal rpm dpkg-dev skopeo umoci docker-registry \
  apache2-utils mmdebstrap openssl python3-jsonschema python3-packaging git

.PHONY: all demo check check-long bench accuracy fixtures fuzz validate install clean deps deps-test

all: $(BUILD)/pratique

$(BUILD)/build.ninja:
	@tools/have-packages $(PACKAGES)
	meson setup $(BUILD) $(if $(shell pkg-config --exists cmocka 2>/dev/null && echo yes),,-Dtests=false) >/dev/null

# Ninja knows what is out of date; build/pratique is where users expect the program.
$(BUILD)/pratique: $(BUILD)/build.ninja FORCE
	@ninja -C $(BUILD)
	@ln -sf cli/pratique $(BUILD)/pratique

FORCE:

deps:
	@tools/have-packages $(PACKAGES)

deps-test: deps
	@tools/have-packages $(TEST_PACKAGES)

demo: deps
	@$(MAKE) --no-print-directory $(BUILD)/pratique
	@tools/demo $(BUILD)

check: deps-test
	@.ci/run

check-long: deps-test
	@.ci/run long

bench: deps-test
	@$(MAKE) --no-print-directory $(BUILD)-release/pratique BUILD=$(BUILD)-release
	@bench/run $(BUILD)-release

accuracy: deps-test
	@$(MAKE) --no-print-directory $(BUILD)/pratique
	@tools/run-integration tests/e2e/accuracy_test.sh $(BUILD)/pratique

# Real artefacts for tests/e2e/artefacts_test.py, from their registries; without a network it says so.
fixtures:
	@tools/fixtures $${PRATIQUE_FIXTURES:-$${XDG_CACHE_HOME:-$$HOME/.cache}/pratique-fixtures}

# Our SBOMs against the official schemas; the validators are fetched into build-validators.
validate: deps-test
	@$(MAKE) --no-print-directory $(BUILD)/pratique
	@tools/run-integration tests/e2e/sbomschema_test.py $(BUILD)/pratique

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) $(BUILD)-*
