#ifndef TOOL_REBUILD_H
#define TOOL_REBUILD_H

/*
 * rebuild: whether an image comes from a recipe, by building it again.
 */
struct err;
struct init_files;

/*
 * Build the recipe, with these pith-inits or the usual ones, and
 * compare with the archive. Prints the verdict: 0 where configuration and
 * uncompressed layer are equal byte for byte; 1 where not, with the first
 * difference. Names and the compressor's version do not count.
 */
int rebuild_compare(const char *path, const char *recipe,
		    const struct init_files *init, struct err *err);

#endif
