#ifndef IMAGE_MEDIA_TYPE_H
#define IMAGE_MEDIA_TYPE_H

/* media_type: what OCI calls the documents of an image (media-types.md). */
#define MEDIA_TYPE_CONFIG   "application/vnd.oci.image.config.v1+json"
#define MEDIA_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define MEDIA_TYPE_DOCKER_LIST \
	"application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_TYPE_EMPTY "application/vnd.oci.empty.v1+json"

#endif
