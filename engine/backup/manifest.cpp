#include "engine/backup/manifest.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::backup {
namespace {

constexpr std::int64_t kVersion = 1;

struct Kind {
    std::string_view name, version_key, proof;
};
constexpr std::array kKinds{
    Kind{"sqlite", "sqlite_version", "integrity_check of the opened copy, rows counted"},
    Kind{"postgres", "postgres_version", "restored into a database of its own, rows compared"},
    Kind{"redis", "redis_version", "the checksum that the server wrote"}};

Error foreign(std::string_view why) {
    return {ErrorCode::Document, "this is no manifest of a backup: " + std::string(why),
            "the backup actions write manifests; leave them beside their file"};
}

template <class T>
const T& member(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    const T* held = found == nullptr ? nullptr : found->find<T>();
    if (held == nullptr) throw foreign("`" + std::string(key) + "` is missing or of another type");
    return *held;
}

const Kind& kind_named(std::string_view name) {
    const auto* const found = std::ranges::find(kKinds, name, &Kind::name);
    if (found == kKinds.end()) throw foreign("its kind is not known here");
    return *found;
}

Value time_value(Timestamp time) {
    return Value::Map{{"text", to_text(time)}, {"micros", time.micros}};
}

Timestamp time_of(const Value& map, std::string_view key) {
    return Timestamp{member<std::int64_t>(Value(member<Value::Map>(map, key)), "micros")};
}

}  // namespace

std::string to_json(const Manifest& manifest) {
    const Kind& kind = kind_named(manifest.kind);
    Value::Map rows;
    for (const auto& [table, count] : manifest.rows)
        rows.emplace(table, count);
    Value::Map map{{"drydock_backup", kVersion},
                   {"kind", kind.name},
                   {"file", manifest.file},
                   {"source", manifest.source},
                   {"identity", manifest.identity},
                   {"taken_at", time_value(manifest.taken_at)},
                   {"run", manifest.run},
                   {std::string(kind.version_key), manifest.version},
                   {"bytes", manifest.bytes},
                   {"sha256", manifest.sha256},
                   {"database_bytes", manifest.database_bytes},
                   {"database_sha256", manifest.database_sha256},
                   {"compressed", manifest.compressed},
                   {"sealed", manifest.sealed},
                   {"rows", std::move(rows)}};
    if (manifest.verified_at) {
        map.emplace("verified_at", time_value(*manifest.verified_at));
        map.emplace("verified_by", kind.proof);
    }
    return json::write_pretty(Value(std::move(map))) + "\n";
}

Manifest manifest_from_json(std::string_view text) {
    const Value map = json::parse(text);
    if (member<std::int64_t>(map, "drydock_backup") != kVersion)
        throw foreign("its version is not known here");
    const Kind& kind = kind_named(member<std::string>(map, "kind"));
    Manifest manifest;
    manifest.kind = kind.name;
    manifest.file = member<std::string>(map, "file");
    // The name is joined to the folder of the manifest: it must not lead anywhere else.
    if (manifest.file.empty() || manifest.file.find('/') != std::string::npos)
        throw foreign("`file` is no name");
    manifest.source = member<std::string>(map, "source");
    manifest.identity = member<std::string>(map, "identity");
    manifest.taken_at = time_of(map, "taken_at");
    manifest.run = member<std::string>(map, "run");
    manifest.version = member<std::string>(map, kind.version_key);
    manifest.bytes = member<std::int64_t>(map, "bytes");
    manifest.sha256 = member<std::string>(map, "sha256");
    manifest.database_bytes = member<std::int64_t>(map, "database_bytes");
    manifest.database_sha256 = member<std::string>(map, "database_sha256");
    manifest.compressed = member<bool>(map, "compressed");
    manifest.sealed = member<bool>(map, "sealed");
    for (const auto& [table, count] : member<Value::Map>(map, "rows")) {
        const auto* rows = count.find<std::int64_t>();
        if (rows == nullptr) throw foreign("`rows` holds something that is no number");
        manifest.rows.emplace(table, *rows);
    }
    if (map.member("verified_at") != nullptr) manifest.verified_at = time_of(map, "verified_at");
    return manifest;
}

Manifest read_manifest(Job& job, const std::string& path) {
    const std::string beside = path + std::string(kManifestEnd);
    if (!job.files.exists(beside)) {
        throw Error(
            ErrorCode::File, path + " has no manifest beside it",
            "only backups that Drydock took are proven; give the path that its action returned");
    }
    try {
        return manifest_from_json(job.files.read(beside));
    } catch (const Error& error) {
        throw error.in(beside);
    }
}

void write_manifest(Job& job, const std::string& folder, const Manifest& manifest) {
    job.files.write(folder + "/" + manifest.file + std::string(kManifestEnd), to_json(manifest));
}

std::vector<Found> find_backups(Job& job, const std::string& folder, const std::string& source) {
    std::vector<Found> found;
    if (!job.files.exists(folder)) return found;
    for (const std::string& name : job.files.list(folder)) {
        if (!name.ends_with(kManifestEnd)) continue;
        const std::string path = folder + "/" + name.substr(0, name.size() - kManifestEnd.size());
        try {
            const std::string text = job.files.read(folder + "/" + name);
            Manifest manifest = manifest_from_json(text);
            if (manifest.source != source || folder + "/" + manifest.file != path) continue;
            const bool present =
                job.files.exists(path) && job.files.stat(path).size.bytes == manifest.bytes;
            found.push_back({.manifest = std::move(manifest), .path = path, .present = present});
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Document) throw;
            job.warn(error.in(folder + "/" + name).message());
        }
    }
    std::sort(found.begin(), found.end(), [](const Found& left, const Found& right) {
        return left.manifest.taken_at > right.manifest.taken_at;
    });
    return found;
}

std::string canonical_source(const std::string& path) {
    if (path.find("://") != std::string::npos) return path;
    std::error_code failed;
    const auto canonical =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
    return failed ? path : canonical.string();
}

std::string backup_name(const std::string& source, Timestamp at) {
    const std::filesystem::path path(source);
    std::string time = to_text(Timestamp{at.micros - at.micros % 1'000'000});
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    std::string name = path.stem().string() + "-" + time;
    return name + (path.has_extension() ? path.extension().string() : ".db");
}

}  // namespace drydock::backup
