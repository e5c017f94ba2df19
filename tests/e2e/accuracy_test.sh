#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# needs: shared
# Verdicts on package, version and advisory: by a second reading of the feeds, and by humans.
set -eu
pratique=$1 shared=$2
db=$(mktemp -d)
trap 'rm -rf "$db"' EXIT
"$pratique" db build -q --from "$shared/feeds" -o "$db"
"$(dirname "$0")/../../tools/boundaries" "$shared/feeds" "$db" "$pratique"
"$(dirname "$0")/../../tools/accuracy" "$shared/labels-sample.jsonl" "$db" "$pratique"
