/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of commands: dispatch, help, man pages and completions come from it. */
#include "cli.h"

#define NAMING                                                                                     \
    "IMAGE is a reference (alpine:3.17, registry.example:5000/app@sha256:…), a path, or one of\n"  \
    "  registry:REF                     from a registry\n"                                         \
    "  oci-dir:PATH[:TAG|@DIGEST]       an OCI layout\n"                                           \
    "  oci-archive:PATH[:TAG|@DIGEST]   a tar of one\n"                                            \
    "  docker-archive:PATH[:TAG]        what `docker save` wrote; - is standard input\n"           \
    "  dir:PATH                         a source tree: lock files count\n"                         \
    "  rootfs:PATH                      an unpacked root file system\n"                            \
    "  purl:PURL|FILE                   package URLs that somebody else listed\n"                  \
    "  sbom:FILE                        CycloneDX, SPDX or Syft JSON; - is standard input\n"        \
    "  analysis:FILE                    what `pratique analyze` wrote\n"                           \
    "Without a prefix the argument is recognised by looking at it.\n"

const struct command commands[] = {
    { "analyze", PRQ_CMD_ANALYZE, "IMAGE", "write everything known of an image, without judging it",
      NAMING "The analysis depends neither on advisories nor on policies; `pratique scan\n"
             "analysis:FILE` judges it later and gives the report that the image would give.\n"
             "Formats: pratique (header line and compressed sections, default), json.\n",
      "pratique analyze alpine:3.17 -o alpine.analysis\n"
      "pratique scan analysis:alpine.analysis\n",
      cmd_analyze },
    { "catalogers", PRQ_CMD_CATALOGERS, "", "list the ecosystems that are read, and which files",
      "Evidence: installed (counts in images and trees), declared (lock files and manifests: only in\n"
      "source trees), both. In the globs ** stands for any folders, also none.\n",
      "pratique catalogers -f json | jq -r '.catalogers[] | .name, \"  \" + .wants[].glob'\n",
      cmd_catalogers },
    { "compare", PRQ_CMD_COMPARE, "REPORT [IMAGE]", "explain how another scanner's report differs",
      "REPORT is the JSON report of Trivy or Grype; - is standard input. IMAGE is whatever `pratique\n"
      "scan` takes, or a saved report of ours; without it the image that REPORT names is scanned.\n"
      "Each difference has a cause: package, version, name, advisory, range, status, cpe, not-judged,\n"
      "suppressed-here, suppressed-there, filtered, severity, state, fix, unexplained\n"
      "(docs/compare.md). A CVE here and its GHSA there are the same.\n"
      "Formats: table (default), json (docs/compare.schema.json).\n"
      "Exit status: 0 when compared, 1 with --fail-on-difference when they differ; else as scan.\n",
      "trivy image -f json -o trivy.json app:1.2; pratique compare trivy.json app:1.2\n"
      "grype -o json app:1.2 | pratique compare - report.json\n",
      cmd_compare },
    { "completion", PRQ_CMD_OTHER, "bash|zsh|fish", "print a shell completion script", "",
      "pratique completion bash > /etc/bash_completion.d/pratique\n", cmd_completion },
    { "config", PRQ_CMD_ALL, "", "show each option's value and where it came from",
      "Precedence: flag, environment (PRATIQUE_FAIL_ON for --fail-on), configuration file, default.\n"
      "The file is --config, else the first of ./pratique.yaml, ./.pratique.yaml,\n"
      "$XDG_CONFIG_HOME/pratique/config.yaml and /etc/pratique/config.yaml: a YAML map of option\n"
      "names to values.\n",
      "", cmd_config },
    { "db", PRQ_CMD_DB, "build|update|status|search|diff|push|pull|export|import",
      "make, update, distribute and look at the advisory database",
      "  build --from DIR|URL [-o DIR]   from feeds laid out like the public ones\n"
      "  update [--mirror DIR|URL]       fetch what changed\n"
      "  status                          families, dates, digests, counts\n"
      "  search NAME|ID                  records of a package, or one record\n"
      "  diff A B                        advisories that came, went or changed; A and B are\n"
      "                                  directories, or dates of the databases that --retain kept\n"
      "  push REF, pull REF              to and from a registry: only what changed travels\n"
      "  export FILE, import FILE        the same as one file (an OCI layout in a tar)\n"
      "push and export sign with --key; pull and import check with --pubkey, and refuse what is older\n"
      "than what is held.\n",
      "pratique db update\n"
      "pratique db update --families alpine,pypi\n"
      "pratique db search CVE-2021-36159\n"
      "pratique db push --key db.pem registry.example/advisories:2\n"
      "pratique db pull --pubkey db.pub registry.example/advisories:2\n"
      "pratique db diff 2026-11-01 2026-11-24 -f json\n",
      cmd_db },
    { "diff", PRQ_CMD_DIFF, "A B", "say what changed from one image to another",
      "A and B are whatever `pratique scan` takes (images, trees, analyses), or saved reports:\n"
      "report:FILE, what `pratique scan -f json` wrote. Compared are packages (a new version of the\n"
      "same package is one change), findings (those of a vulnerability in a package, whatever its\n"
      "version), configuration, layers and sizes. Without an advisory database findings are left out.\n"
      "Formats: table (default), json (docs/diff.schema.json).\n"
      "Exit status: as of scan; --fail-on counts introduced findings.\n",
      "pratique diff registry.example/app:1.1 registry.example/app:1.2\n"
      "pratique diff --fail-on high report:before.json app.tar\n",
      cmd_diff },
    { "explain", PRQ_CMD_EXPLAIN, "FINDING [PACKAGE] [IMAGE]", "prove a finding, or why there is none",
      "FINDING is a CVE, GHSA or any other name of a vulnerability. IMAGE is whatever `pratique scan`\n"
      "takes, or a saved report (what `scan -f json` wrote): then neither the image nor the database\n"
      "is needed. Without IMAGE a report is read from standard input. Printed is the chain from the\n"
      "bytes of the image to the verdict: evidence and layer, package, advisory record and its digest,\n"
      "the comparison event by event, whose severity counts, and what would change the verdict.\n"
      "With --not: why PACKAGE is not reported for it (docs/explain.md lists the causes).\n"
      "Formats: table (default), json (docs/explain.schema.json).\n"
      "Exit status: 0 explained; 1 no such finding, with --not: it is reported, or nobody can tell;\n"
      "else as scan.\n",
      "pratique scan -f json app > app.json; pratique explain CVE-2022-37434 app.json\n"
      "pratique explain CVE-2022-37434 zlib alpine:3.17\n"
      "pratique explain --not CVE-2022-37434 zlib alpine:3.18\n",
      cmd_explain },
    { "help", PRQ_CMD_OTHER, "[COMMAND]", "show help", "", "", cmd_help },
    { "man", PRQ_CMD_OTHER, "[COMMAND]", "print a manual page (man format)", "",
      "pratique man scan | man -l -\n", cmd_man },
    { "packages", PRQ_CMD_PACKAGES, "IMAGE", "list the packages of an image",
      NAMING "Formats: table (default), json, tsv, purl. The columns of tsv are type, name, version,\n"
             "purl, layer index and first evidence path.\n",
      "pratique packages debian:12\n"
      "pratique packages -f tsv docker-archive:app.tar\n"
      "docker save app | pratique packages docker-archive:-\n",
      cmd_packages },
    { "sbom", PRQ_CMD_SBOM, "IMAGE", "write the packages of an image as an SBOM",
      NAMING "Formats: cyclonedx (1.6 JSON, default), spdx (2.3 JSON), pratique (our own, lossless).\n"
             "`pratique scan sbom:FILE` gives the findings that the image would give. `scan -f\n"
             "cyclonedx` writes the vulnerabilities as well. The same image and the same --now (or\n"
             "SOURCE_DATE_EPOCH) give the same bytes.\n",
      "pratique sbom debian:12 > debian.cdx.json\n"
      "pratique sbom -o cyclonedx=app.cdx.json -o spdx=app.spdx.json oci-dir:build:app\n"
      "pratique scan sbom:app.cdx.json\n",
      cmd_sbom },
    { "scan", PRQ_CMD_SCAN, "IMAGE", "report the known vulnerabilities of an image",
      NAMING "Formats: table (default), json, and those of `pratique sbom` (cyclonedx, spdx, pratique);\n"
             "-o FORMAT=FILE writes several at once.\n"
             "Exit status: 0 nothing at or above --fail-on; 1 findings at or above it; 2 wrong command\n"
             "line or configuration; 3 the image could not be obtained or analysed, or there are gaps\n"
             "and --fail-on-gaps is given; 4 internal error; 5 advisory data is missing or too old.\n",
      "pratique scan alpine:3.17\n"
      "pratique scan --fail-on high --only-fixed registry.example/app:1.2\n"
      "pratique scan -o table=- -o json=report.json oci-dir:build:app\n"
      "pratique scan dir:.\n",
      cmd_scan },
    { "vercmp", PRQ_CMD_VERCMP, "SCHEME A B", "compare two versions by an ecosystem's rules",
      "Prints <, = or >; deb, rpm and apk order any bytes, the others print ? (status 2) for what is\n"
      "not of their grammar. --stdin reads tab-separated pairs and prints one sign a line.\n",
      "pratique vercmp deb 1.0~rc1 1.0\n"
      "pratique vercmp --list\n",
      cmd_vercmp },
    { "version", PRQ_CMD_OTHER, "", "print the version", "", "", cmd_version },
    { 0 },
};
