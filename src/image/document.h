#ifndef IMAGE_DOCUMENT_H
#define IMAGE_DOCUMENT_H

/*
 * document: an image's JSON as the bytes that are stored, and as what refers
 * to them (OCI image-spec, descriptor.md). Keys are sorted and there are no
 * blanks, so equal documents are equal bytes.
 */
#include <jansson.h>
#include <stdint.h>

struct buf;
struct err;
struct sum;

/*
 * Append the text of json, which is handed over, and store the digest of all
 * that out holds then, unless sum is NULL. NULL, which jansson's constructors
 * return for a text that is not UTF-8 and pass on, is a failure; so a document
 * is built without a question and checked once, here. what names it.
 */
int document_print(struct buf *out, struct sum *sum, json_t *json,
		   const char *what, struct err *err);

/* The caller owns it. */
json_t *document_descriptor(const char *type, const struct sum *sum,
			    uint64_t size);

/*
 * Make a descriptor refer to another document; what else it says stays, but
 * for "data" and "urls", which are of the old one. Non-zero: a text is not
 * UTF-8.
 */
int document_refer(json_t *descriptor, const char *type, const struct sum *sum,
		   uint64_t size);

#endif
