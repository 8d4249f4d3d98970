#ifndef TOOL_DISARM_H
#define TOOL_DISARM_H

/*
 * disarm: take the filter out of an unpacked image, so that its service can be
 * watched: /etc/pith/service.bpf, and the key that asks for it. All else that
 * /init does to the service stays.
 */
#include <stdbool.h>

struct err;

/*
 * The bundle is a directory made by unpack_bundle(). *has_init says whether
 * the image is started by /init with a service.conf. The root file system is
 * untrusted: no path leads out of it.
 */
int disarm_bundle(bool *has_init, const char *bundle, struct err *err);

#endif
