/* SPDX 2.3, as JSON; clauses are those of its specification. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/list.h"
#include "image/license.h"
#include "image/manifest.h"
#include "image/sbom.h"

/* 3.2: letters, digits, '.' and '-'. The number keeps them apart. */
static json_t *spdx_id(const char *kind, size_t number, const char *name)
{
	auto_buf struct buf id = { 0 };

	buf_fmt(&id, "SPDXRef-%s-%zu-", kind, number);
	for (; *name; name++) {
		bool is_plain = (*name >= 'a' && *name <= 'z') ||
				(*name >= 'A' && *name <= 'Z') ||
				(*name >= '0' && *name <= '9') || *name == '.';

		buf_add(&id, is_plain ? name : "-", 1);
	}
	return json_string(id.at);
}

static json_t *package_id(const struct inventory *inventory, size_t i)
{
	return spdx_id("Package", i, inventory->packages[i].name);
}

static json_t *purl_reference(const struct buf *purl)
{
	return json_pack("[{s:s,s:s,s:s}]", "referenceCategory",
			 "PACKAGE-MANAGER", "referenceType", "purl",
			 "referenceLocator", purl->at);
}

/* 7: what every package has to say. */
static json_t *new_package(json_t *id, const char *name, const char *license)
{
	return json_pack("{s:o,s:o,s:s,s:b,s:s,s:s,s:s}", "SPDXID", id, "name",
			 sbom_text(name), "downloadLocation", "NOASSERTION",
			 "filesAnalyzed", 0, "licenseConcluded", "NOASSERTION",
			 "licenseDeclared", *license ? license : "NOASSERTION",
			 "copyrightText", "NOASSERTION");
}

/* 7.5: "NAME <MAIL>" is written "Person: NAME (MAIL)". */
static void set_supplier(json_t *package, const char *maintainer)
{
	auto_buf struct buf text = { 0 };

	if (!*maintainer)
		return;
	buf_text(&text, "Person: ");
	for (; *maintainer; maintainer++)
		buf_add(&text,
			*maintainer == '<'   ? "("
			: *maintainer == '>' ? ")"
					     : maintainer,
			1);
	sbom_set(package, "supplier", text.at);
}

static void set_source(json_t *json, const struct inventory_package *package)
{
	auto_buf struct buf text = { 0 };

	if (!*package->source)
		return;
	buf_fmt(&text, "built from source package: %s %s", package->source,
		package->source_version);
	sbom_set(json, "sourceInfo", text.at);
}

static json_t *package_of(const struct inventory *inventory, size_t i)
{
	const struct inventory_package *package = &inventory->packages[i];
	bool is_program = package->kind == INVENTORY_PROGRAM;
	auto_buf struct buf purl = { 0 };
	json_t *json = new_package(package_id(inventory, i), package->name,
				   package->license);

	inventory_purl(&purl, inventory, package);
	sbom_set(json, "versionInfo", package->version);
	sbom_set(json, "homepage", package->homepage);
	sbom_set(json, "packageFileName", package->file);
	set_supplier(json, package->supplier);
	set_source(json, package);
	sbom_set(json, "primaryPackagePurpose",
		 is_program ? "APPLICATION" : "LIBRARY");
	json_object_set_new(json, "externalRefs", purl_reference(&purl));
	return json;
}

static json_t *image_of(const struct inventory *inventory)
{
	auto_buf struct buf purl = { 0 };
	json_t *json = new_package(json_string("SPDXRef-Image"),
				   sbom_name(inventory), "");

	inventory_image_purl(&purl, inventory);
	json_object_set_new(json, "versionInfo",
			    json_string(inventory->digest));
	json_object_set_new(json, "primaryPackagePurpose",
			    json_string("CONTAINER"));
	json_object_set_new(json, "externalRefs", purl_reference(&purl));
	json_object_set_new(json, "checksums",
			    json_pack("[{s:s,s:s}]", "algorithm", "SHA256",
				      "checksumValue", inventory->digest + 7));
	return json;
}

static json_t *system_of(const struct inventory *inventory)
{
	json_t *json = new_package(json_string("SPDXRef-OperatingSystem"),
				   inventory->os_id, "");

	sbom_set(json, "versionInfo", inventory->os_version);
	sbom_set(json, "description", inventory->os_name);
	sbom_set(json, "primaryPackagePurpose", "OPERATING_SYSTEM");
	return json;
}

static json_t *packages_of(const struct inventory *inventory)
{
	json_t *array = json_array();

	json_array_append_new(array, image_of(inventory));
	if (*inventory->os_id)
		json_array_append_new(array, system_of(inventory));
	for (size_t i = 0; i < inventory->package_count; i++)
		json_array_append_new(array, package_of(inventory, i));
	return array;
}

static json_t *file_id(const struct inventory *inventory, size_t i)
{
	return spdx_id("File", i, inventory->files[i].path + 1);
}

static json_t *file_of(const struct inventory *inventory, size_t i)
{
	const struct inventory_file *file = &inventory->files[i];
	auto_buf struct buf name = { 0 };

	buf_text(&name, ".");
	buf_text(&name, file->path);
	return json_pack(
		"{s:o,s:o,s:[{s:s,s:s},{s:s,s:s}],s:[s],s:s,s:[s],s:s}",
		"SPDXID", file_id(inventory, i), "fileName", sbom_text(name.at),
		"checksums", "algorithm", "SHA1", "checksumValue", file->sha1,
		"algorithm", "SHA256", "checksumValue", sum_hex(&file->sha256),
		"fileTypes", "BINARY", "licenseConcluded", "NOASSERTION",
		"licenseInfoInFiles", "NOASSERTION", "copyrightText",
		"NOASSERTION");
}

static json_t *files_of(const struct inventory *inventory)
{
	json_t *array = json_array();

	for (size_t i = 0; i < inventory->file_count; i++)
		json_array_append_new(array, file_of(inventory, i));
	return array;
}

static json_t *relation(json_t *from, const char *type, json_t *to)
{
	return json_pack("{s:o,s:s,s:o}", "spdxElementId", from,
			 "relationshipType", type, "relatedSpdxElement", to);
}

static json_t *relations_of(const struct inventory *inventory)
{
	json_t *array = json_array();

	json_array_append_new(array, relation(json_string("SPDXRef-DOCUMENT"),
					      "DESCRIBES",
					      json_string("SPDXRef-Image")));
	if (*inventory->os_id)
		json_array_append_new(
			array,
			relation(json_string("SPDXRef-Image"), "CONTAINS",
				 json_string("SPDXRef-OperatingSystem")));
	for (size_t i = 0; i < inventory->package_count; i++)
		json_array_append_new(
			array, relation(json_string("SPDXRef-Image"),
					"CONTAINS", package_id(inventory, i)));
	/* Not CONTAINS: that is for packages whose every file is listed. */
	for (size_t i = 0; i < inventory->file_count; i++) {
		json_t *evident = relation(
			package_id(inventory, inventory->files[i].owner),
			"OTHER", file_id(inventory, i));

		sbom_set(evident, "comment",
			 "evident-by: the package is known by this file");
		json_array_append_new(array, evident);
	}
	return array;
}

/* 10: each LicenseRef- that is used, once. */
static json_t *licenses_of(const struct inventory *inventory)
{
	json_t *seen = json_object();
	json_t *array = json_array();
	struct slice ref;

	for (size_t i = 0; i < inventory->package_count; i++) {
		struct slice rest = slice_from(inventory->packages[i].license);

		while (license_next_ref(&ref, &rest))
			json_object_setn_new(seen, ref.at, ref.len,
					     json_true());
	}
	auto_buf struct buf text = { 0 };
	const char *key;
	json_t *unused;

	json_object_foreach(seen, key, unused)
	{
		(void)unused;
		text.len = 0;
		buf_fmt(&text,
			"The license that Debian calls %s: see the "
			"copyright files in /usr/share/doc.",
			key + strlen("LicenseRef-"));
		json_array_append_new(array,
				      json_pack("{s:s,s:s}", "licenseId", key,
						"extractedText", text.at));
	}
	json_decref(seen);
	return array;
}

json_t *sbom_spdx(const struct inventory *inventory)
{
	auto_buf struct buf space = { 0 };

	buf_text(&space, "urn:uuid:");
	inventory_uuid(&space, inventory, "spdx");
	json_t *json = json_pack(
		"{s:s,s:s,s:s,s:o,s:s,s:{s:s,s:[s]},s:o,s:o,s:o}", "SPDXID",
		"SPDXRef-DOCUMENT", "spdxVersion", "SPDX-2.3", "dataLicense",
		"CC0-1.0", "name", sbom_text(sbom_name(inventory)),
		"documentNamespace", space.at, "creationInfo", "created",
		MANIFEST_EPOCH, "creators", "Tool: pith", "packages",
		packages_of(inventory), "files", files_of(inventory),
		"relationships", relations_of(inventory));
	json_t *licenses = licenses_of(inventory);

	if (json_array_size(licenses))
		json_object_set(json, "hasExtractedLicensingInfos", licenses);
	json_decref(licenses);
	return json;
}
