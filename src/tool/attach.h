#ifndef TOOL_ATTACH_H
#define TOOL_ATTACH_H

/*
 * attach: an archive's bills of materials as referrers in its own layout: for
 * each image of it a manifest for SPDX and one for CycloneDX, whose subject is
 * that image (OCI image-spec 1.1, manifest.md, "artifactType" and "subject").
 *
 * They stand beside the images in a nested index, under a platform that no
 * machine is, so that engines which look for an image find that alone.
 */
struct err;

/* Images stay byte for byte; output appears complete or not at all. */
int attach_sbom(const char *input, const char *output, struct err *err);

#endif
