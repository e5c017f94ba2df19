/* SPDX-License-Identifier: Apache-2.0 */
/* A Debian package as a file: an ar archive of debian-binary, control.tar[.gz|.xz|.zst] and data.tar.
 * OpenWrt's .ipk is one too, or the same members in a tar.gz.
 * Sources: deb(5); opkg, libopkg/pkg_extract.c and opkg-utils, opkg-build. */
#ifndef PRQ_FORMAT_DEBFILE_H
#define PRQ_FORMAT_DEBFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* The text of its control file, appended to out (up to out->max: LIMIT). */
PRQ_MUST_USE bool prq_debfile_control(prq_bytes deb, const struct prq_limits *limits,
                                      struct prq_buf *out, struct prq_err *err);

#endif
