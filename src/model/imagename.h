/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images as reports carry them. What a registry is asked with is image/reference.h. */
#ifndef PRQ_MODEL_IMAGENAME_H
#define PRQ_MODEL_IMAGENAME_H

#include "base/arena.h"

/* "registry:registry.example:5000/team/app:1.2@sha256:…" taken apart, views; a tag that is not there
 * is empty. False for what is no name of an image (a path, for example). */
bool prq_image_name_split(prq_str text, prq_str *repository, prq_str *tag);
/* With its host, all of Docker Hub's spellings as one: "alpine" is docker.io/library/alpine.
 * p == NULL: no memory. */
prq_str prq_image_repository(prq_str repository, struct prq_arena *a);

#endif
