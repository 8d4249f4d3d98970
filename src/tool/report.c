#include "tool/report.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/filter.h"
#include "data/passed.h"
#include "data/service.h"
#include "tool/subject.h"

/* A member of that type, or what a reader of the report may count on. */
static json_t *text_or_empty(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return json_string(text ? text : "");
}

/* An array's strings; engines write null for an empty list. */
static json_t *texts(const json_t *object, const char *key)
{
	const json_t *from = json_object_get(object, key);
	json_t *array = json_array();

	for (size_t i = 0; i < json_array_size(from); i++)
		if (json_is_string(json_array_get(from, i)))
			json_array_append(array, json_array_get(from, i));
	return array;
}

/* The keys of {"8080/tcp":{}}. */
static json_t *keys(const json_t *object, const char *key)
{
	json_t *from = json_object_get(object, key);
	json_t *array = json_array();

	for (void *i = json_object_iter(from); i;
	     i = json_object_iter_next(from, i))
		json_array_append_new(array,
				      json_string(json_object_iter_key(i)));
	return array;
}

static json_t *config_of(const json_t *image)
{
	const json_t *config = json_object_get(image, "config");
	const json_t *labels = json_object_get(config, "Labels");

	return json_pack(
		"{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "user",
		text_or_empty(config, "User"), "entrypoint",
		texts(config, "Entrypoint"), "cmd", texts(config, "Cmd"), "env",
		texts(config, "Env"), "ports", keys(config, "ExposedPorts"),
		"volumes", keys(config, "Volumes"), "directory",
		text_or_empty(config, "WorkingDir"), "labels",
		json_is_object(labels) ? json_deep_copy(labels) : json_object(),
		"stop_signal", text_or_empty(config, "StopSignal"), "health",
		texts(json_object_get(config, "Healthcheck"), "Test"));
}

static json_t *platform_of(const json_t *image)
{
	const json_t *variant = json_object_get(image, "variant");
	json_t *platform = json_pack("{s:o,s:o}", "os",
				     text_or_empty(image, "os"), "architecture",
				     text_or_empty(image, "architecture"));

	if (json_is_string(variant))
		json_object_set_new(platform, "variant",
				    json_deep_copy(variant));
	return platform;
}

static json_t *layers_of(const struct reader_image *image,
			 const struct scan *scan)
{
	json_t *layers = json_array();

	for (size_t i = 0; i < scan->count; i++) {
		const struct scan_layer *layer = &scan->layers[i];

		json_array_append_new(
			layers, json_pack("{s:s?,s:s,s:I,s:I,s:I}", "digest",
					  image->layers[i].digest, "diff_id",
					  image->layers[i].diff_id, "packed",
					  (json_int_t)layer->packed, "unpacked",
					  (json_int_t)layer->raw, "entries",
					  (json_int_t)layer->entries));
	}
	return layers;
}

/* The canonical text's lines become members. */
static json_t *service_of(struct scan_file *conf, struct err *err)
{
	struct service service;
	auto_buf struct buf text = { 0 };
	struct slice rest, line, key;
	json_t *object;

	if (service_parse(&service, conf->bytes.at, conf->bytes.len, err) < 0) {
		err_wrap(err, "/etc/pith/service.conf");
		return NULL;
	}
	service_print(&text, &service);
	rest = buf_slice(&text);
	object = json_object();
	while (slice_cut(&line, &rest, '\n'))
		if (line.at[0] != '[' && slice_cut(&key, &line, '='))
			json_object_setn_new(object, key.at, key.len,
					     json_stringn(line.at, line.len));
	return object;
}

static int add_calls(json_t *object, const struct filter *filter,
		     const struct arch *arch, struct err *err)
{
	json_t *names = json_array();
	json_t *conditional = json_array();
	struct passed calls;
	int result = passed_of(&calls, filter, arch, err);

	for (size_t i = 0; result == 0 && i < calls.count; i++) {
		json_t *name = json_string(
			arch_syscall_name(arch, calls.nr[i]));

		if (calls.has_conditions[i])
			json_array_append(conditional, name);
		json_array_append_new(names, name);
	}
	json_object_set_new(object, "calls", names);
	json_object_set_new(object, "conditional", conditional);
	return result;
}

static json_t *program_of(const struct filter *filter)
{
	if (!filter->path_len)
		return json_null();
	return json_pack("{s:s%,s:I}", "path", filter->path,
			 (size_t)filter->path_len, "size",
			 (json_int_t)filter->program_size);
}

static json_t *filter_of(struct scan_file *file, struct err *err)
{
	struct sum sum = sum_of(buf_slice(&file->bytes));
	struct filter filter;
	const struct arch *arch;
	json_t *report;

	/* malloc's memory, so aligned as filter_parse wants it. */
	if (filter_parse(&filter, file->bytes.at, file->bytes.len, err) < 0)
		return NULL;
	arch = arch_by_audit(filter.audit);
	if (!arch) {
		err_set(err, 0, "made for an unknown machine (%x)",
			filter.audit);
		return NULL;
	}
	report = json_pack("{s:s,s:s,s:i,s:b,s:o}", "digest", sum.text,
			   "architecture", arch->oci, "instructions",
			   (int)filter.insn_count, "starts_once",
			   filter.flags & FILTER_GATE ? 1 : 0, "program",
			   program_of(&filter));
	if (report && add_calls(report, &filter, arch, err) < 0) {
		json_decref(report);
		return NULL;
	}
	return report;
}

json_t *report_service(struct scan *scan, struct err *err)
{
	return scan->conf.is_there ? service_of(&scan->conf, err) : json_null();
}

json_t *report_filter(struct scan *scan, struct err *err)
{
	json_t *filter = json_null();

	if (scan->filter.is_there && !(filter = filter_of(&scan->filter, err)))
		err_wrap(err, "/etc/pith/service.bpf");
	return filter;
}

/* Add pith's own parts, or null for an image that others built. */
static int add_pith(json_t *report, struct scan *scan, struct err *err)
{
	json_t *service = report_service(scan, err);
	json_t *filter = service ? report_filter(scan, err) : NULL;

	if (!filter) {
		json_decref(service);
		return -1;
	}
	json_object_set_new(report, "service", service);
	json_object_set_new(report, "filter", filter);
	json_object_set_new(
		report, "evidence",
		report_evidence(
			json_object_get(json_object_get(report, "config"),
					"labels"),
			filter));
	return 0;
}

static int make(json_t **out, struct subject *subject, struct err *err)
{
	const struct reader_image *image = &subject->image;
	struct scan *scan = &subject->scan;
	uint64_t packed = 0, unpacked = 0, entries = 0;
	json_t *report;

	for (size_t i = 0; i < scan->count; i++) {
		packed += scan->layers[i].packed;
		unpacked += scan->layers[i].files;
		entries += scan->layers[i].entries;
	}
	report = json_pack(
		"{s:s,s:O,s:s?,s:s,s:o,s:{s:I,s:I},s:I,s:o,s:o}", "file",
		subject->path, "names", image->names, "digest", image->digest,
		"format", image->is_oci ? "oci" : "docker", "platform",
		platform_of(image->config), "size", "packed",
		(json_int_t)packed, "unpacked", (json_int_t)unpacked, "entries",
		(json_int_t)entries, "layers", layers_of(image, scan), "config",
		config_of(image->config));
	if (!report)
		return err_set(err, 0, "a name that is not UTF-8");
	if (add_pith(report, scan, err) < 0) {
		json_decref(report);
		return -1;
	}
	*out = report;
	return 0;
}

int report_make(json_t **out, const char *path, const struct arch *arch,
		struct err *err)
{
	struct subject subject;
	int result = subject_open(&subject, path, arch, err);

	if (result == 0 && make(out, &subject, err) < 0)
		result = err_wrap(err, "%s", path);
	subject_close(&subject);
	return result;
}
