#ifndef IMAGE_CONF_PATH_H
#define IMAGE_CONF_PATH_H

/*
 * conf_path: which files of an image are kept while its layers pass by, since
 * they tell loaders, and libraries that open others, where to look.
 */
#include <stdbool.h>

/* Whether a file of that path may be one; the path may begin "/" or "./". */
bool conf_path_is(const char *path);

#endif
