#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small executables that hold nothing but Go build information, one for each form of it.

    make.py DIR

Written after the headers of the System V ABI, "PE Format", <mach-o/loader.h> and the comment in
package debug/buildinfo of Go; `go version -m` reads every one of them.
"""
import os
import struct
import sys

MARK = b"\xff Go buildinf:"
START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
END = bytes.fromhex("f932433186182072008242104116d8f2")
TEXT = (
    "path\texample.com/tool/cmd/tool\n"
    "mod\texample.com/tool\tv1.2.3\th1:AAAA=\n"
    "dep\tgithub.com/Azure/go-thing\tv0.1.0\th1:BBBB=\n"
    "dep\tgolang.org/x/net\tv0.5.0\n"
    "=>\tgolang.org/x/net\tv0.7.0\th1:CCCC=\n"
    "dep\texample.com/local\tv1.0.0\n"
    "=>\t./local\t(devel)\t\n"
)
SETTINGS = "build\tGOARCH=%s\nbuild\tGOOS=%s\n"
BASE = 0x10000


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def inline(version, text, bits=64, big=False):
    framed = START + text.encode() + END
    head = MARK + bytes([bits // 8, 2 | big]) + bytes(16)
    return head + varint(len(version)) + version.encode() + varint(len(framed)) + framed


def pointers(version, text, bits, big, addr):
    """The blob, the two string headers and the two strings, all from `addr` on."""
    size, code = bits // 8, (">" if big else "<") + ("I" if bits == 32 else "Q")
    framed = START + text.encode() + END
    heads = addr + 32
    strings = heads + 4 * size
    word = lambda v: struct.pack(code, v)
    blob = MARK + bytes([size, big]) + word(heads) + word(heads + 2 * size)
    blob = blob.ljust(32, b"\0")
    blob += word(strings) + word(len(version)) + word(strings + len(version)) + word(len(framed))
    return blob + version.encode() + framed


def elf(blob_at, bits, big, machine, sections=True):
    """One writable segment; `blob_at` makes its bytes for an address."""
    order = ">" if big else "<"
    wide = "I" if bits == 32 else "Q"
    ehsize, phsize, shsize = (52, 32, 40) if bits == 32 else (64, 56, 64)
    at = (ehsize + phsize + 15) // 16 * 16
    blob = blob_at(BASE + at)
    names = b"\0.go.buildinfo\0.shstrtab\0"
    names_at = at + len(blob)
    table_at = names_at + len(names)
    ident = b"\x7fELF" + bytes([1 if bits == 32 else 2, 2 if big else 1, 1]) + bytes(9)
    out = ident + struct.pack(order + "HHI" + wide * 3 + "IHHHHHH", 2, machine, 1, BASE, ehsize,
                              table_at if sections else 0, 0, ehsize, phsize, 1, shsize,
                              3 if sections else 0, 2 if sections else 0)
    span = at + len(blob)
    if bits == 32:
        out += struct.pack(order + "8I", 1, 0, BASE, BASE, span, span, 6, 16)
    else:
        out += struct.pack(order + "2I6Q", 1, 6, 0, BASE, BASE, span, span, 16)
    out = out.ljust(at, b"\0") + blob
    if not sections:
        return out
    sh = lambda *v: struct.pack(order + "II" + wide * 4 + "II" + wide * 2, *v)
    out += names + sh(*[0] * 10) + sh(1, 1, 3, BASE + at, at, len(blob), 0, 0, 16, 0)
    return out + sh(15, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)


def macho(blob):
    at = 32 + 72 + 80
    at = (at + 15) // 16 * 16
    addr = BASE + at
    pad = lambda s: s.ljust(16, b"\0")
    section = pad(b"__go_buildinfo") + pad(b"__DATA")
    section += struct.pack("<QQIIIIIIII", addr, len(blob), at, 4, 0, 0, 0, 0, 0, 0)
    segment = struct.pack("<II", 0x19, 72 + 80) + pad(b"__DATA")
    segment += struct.pack("<QQQQIIII", BASE, at + len(blob), 0, at + len(blob), 3, 3, 1, 0)
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x0100000C, 0, 2, 1, 72 + 80, 0, 0)
    return (head + segment + section).ljust(at, b"\0") + blob


def fat(one):
    at = 64
    return struct.pack(">IIIIIII", 0xCAFEBABE, 1, 0x0100000C, 0, at, len(one), 4).ljust(at, b"\0") + one


def pe(blob):
    stub = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIIIQ", 0x20B, 1, 0, 0, 0, 0, 0, 0, 0x400000)
    optional += struct.pack("<II", 0x1000, 0x200) + bytes(68) + struct.pack("<I", 16) + bytes(128)
    optional = optional.ljust(240, b"\0")[:240]
    section = b".data".ljust(8, b"\0") + struct.pack("<IIIIIIHHI", len(blob), 0x1000, len(blob), 0x200,
                                                     0, 0, 0, 0, 0xC0000040)
    return (stub + coff + optional + section).ljust(0x200, b"\0") + blob


def main():
    out = sys.argv[1]
    text = lambda arch, goos="linux": TEXT + SETTINGS % (arch, goos)
    files = {
        "ptr32le.elf": elf(lambda a: pointers("go1.16.15", text("386"), 32, False, a), 32, False, 3),
        "ptr32be.elf": elf(lambda a: pointers("go1.16.15", text("mips"), 32, True, a), 32, True, 8),
        "ptr64le.elf": elf(lambda a: pointers("go1.17.13", text("amd64"), 64, False, a), 64, False, 62),
        "ptr64be.elf": elf(lambda a: pointers("go1.17.13", text("s390x"), 64, True, a), 64, True, 22),
        "inline64le.elf": elf(lambda a: inline("go1.20.12 X:strictfipsruntime", text("amd64")), 64, False, 62),
        "inline32be-nosections.elf": elf(lambda a: inline("go1.22.0", text("mips"), 32, True), 32, True, 8, False),
        "nomodules.elf": elf(lambda a: inline("go1.21.5", ""), 64, False, 62),
        "inline64.macho": macho(inline("go1.24.1", text("arm64", "darwin"))),
        "inline64.fat": fat(macho(inline("go1.24.1", text("arm64", "darwin")))),
        "inline64.exe": pe(inline("go1.24.1", text("amd64", "windows"))),
    }
    for name, data in files.items():
        with open(os.path.join(out, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
