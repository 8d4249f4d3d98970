/* CycloneDX 1.5, as JSON. */
#include "base/buf.h"
#include "image/sbom.h"

/* "NAME <MAIL>" */
static void set_supplier(json_t *component, const char *maintainer)
{
	struct slice rest = slice_from(maintainer);
	struct slice name;
	auto_buf struct buf text = { 0 };

	if (!slice_cut(&name, &rest, '<'))
		return;
	name = slice_trim(name);
	buf_add(&text, name.at, name.len);
	if (text.len)
		json_object_set_new(
			component, "supplier",
			json_pack("{s:o}", "name", sbom_text(text.at)));
}

static void add_property(json_t *properties, const char *name,
			 const char *value)
{
	if (*value)
		json_array_append_new(properties,
				      json_pack("{s:s,s:o}", "name", name,
						"value", sbom_text(value)));
}

static void set_properties(json_t *component,
			   const struct inventory_package *package)
{
	json_t *properties = json_array();

	add_property(properties, "pith:source:name", package->source);
	add_property(properties, "pith:source:version",
		     package->source_version);
	if (package->kind == INVENTORY_PROGRAM)
		add_property(properties, "pith:owner", "none");
	if (json_array_size(properties))
		json_object_set(component, "properties", properties);
	json_decref(properties);
}

/* Where the package shows, and what a file of its own is. */
static void set_files(json_t *component, const struct inventory *inventory,
		      size_t package)
{
	json_t *places = json_array();

	for (size_t i = 0; i < inventory->file_count; i++) {
		const struct inventory_file *file = &inventory->files[i];

		if (file->owner != package)
			continue;
		json_array_append_new(places, json_pack("{s:o}", "location",
							sbom_text(file->path)));
		if (inventory->packages[package].kind == INVENTORY_PROGRAM)
			json_object_set_new(component, "hashes",
					    json_pack("[{s:s,s:s},{s:s,s:s}]",
						      "alg", "SHA-1", "content",
						      file->sha1, "alg",
						      "SHA-256", "content",
						      sum_hex(&file->sha256)));
	}
	if (json_array_size(places))
		json_object_set_new(component, "evidence",
				    json_pack("{s:O}", "occurrences", places));
	json_decref(places);
}

/* Unique: two programs may have one name. */
static json_t *reference(const struct inventory *inventory, size_t i)
{
	auto_buf struct buf text = { 0 };

	inventory_purl(&text, inventory, &inventory->packages[i]);
	if (inventory->packages[i].kind == INVENTORY_PROGRAM) {
		buf_text(&text, "#");
		buf_text(&text, inventory->packages[i].file + 1);
	}
	return sbom_text(text.at);
}

static json_t *component_of(const struct inventory *inventory, size_t i)
{
	const struct inventory_package *package = &inventory->packages[i];
	bool is_program = package->kind == INVENTORY_PROGRAM;
	auto_buf struct buf purl = { 0 };
	json_t *json = json_pack("{s:s,s:o,s:o}", "type",
				 is_program ? "application" : "library",
				 "bom-ref", reference(inventory, i), "name",
				 sbom_text(package->name));

	inventory_purl(&purl, inventory, package);
	sbom_set(json, "version", package->version);
	sbom_set(json, "purl", purl.at);
	set_supplier(json, package->supplier);
	if (*package->license)
		json_object_set_new(
			json, "licenses",
			json_pack("[{s:s}]", "expression", package->license));
	if (*package->homepage)
		json_object_set_new(json, "externalReferences",
				    json_pack("[{s:s,s:o}]", "type", "website",
					      "url",
					      sbom_text(package->homepage)));
	set_properties(json, package);
	set_files(json, inventory, i);
	return json;
}

static json_t *system_of(const struct inventory *inventory)
{
	json_t *json = json_pack("{s:s,s:s,s:o}", "type", "operating-system",
				 "bom-ref", "os", "name",
				 sbom_text(inventory->os_id));

	sbom_set(json, "version", inventory->os_version);
	sbom_set(json, "description", inventory->os_name);
	return json;
}

static json_t *components_of(const struct inventory *inventory)
{
	json_t *array = json_array();

	if (*inventory->os_id)
		json_array_append_new(array, system_of(inventory));
	for (size_t i = 0; i < inventory->package_count; i++)
		json_array_append_new(array, component_of(inventory, i));
	return array;
}

static json_t *depends_of(const struct inventory *inventory,
			  const struct buf *image)
{
	json_t *all = json_array();

	for (size_t i = 0; i < inventory->package_count; i++)
		json_array_append_new(all, reference(inventory, i));
	return json_pack("[{s:s,s:o}]", "ref", image->at, "dependsOn", all);
}

json_t *sbom_cyclonedx(const struct inventory *inventory)
{
	auto_buf struct buf serial = { 0 };
	auto_buf struct buf image = { 0 };

	buf_text(&serial, "urn:uuid:");
	inventory_uuid(&serial, inventory, "cyclonedx");
	inventory_image_purl(&image, inventory);
	return json_pack(
		"{s:s,s:s,s:s,s:i,s:{s:{s:s,s:s,s:o,s:s,s:s},s:{s:[{s:s,s:s}]}},s:o,s:o}",
		"bomFormat", "CycloneDX", "specVersion", "1.5", "serialNumber",
		serial.at, "version", 1, "metadata", "component", "type",
		"container", "bom-ref", image.at, "name",
		sbom_text(sbom_name(inventory)), "version", inventory->digest,
		"purl", image.at, "tools", "components", "type", "application",
		"name", "pith", "components", components_of(inventory),
		"dependencies", depends_of(inventory, &image));
}
