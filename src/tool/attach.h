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
struct sum;

/*
 * Images stay byte for byte; output appears complete or not at all. index, if
 * not NULL, becomes the digest of the nested index.
 */
int attach_sbom(struct sum *index, const char *input, const char *output,
		struct err *err);

#endif
