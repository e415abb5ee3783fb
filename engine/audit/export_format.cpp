#include "engine/audit/export_format.h"

#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::audit {
namespace {

constexpr json::ReadLimits kLimits{.bytes = std::size_t{128} << 20, .depth = 4};

template <class T>
T take(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    const T* held = found == nullptr ? nullptr : found->find<T>();
    return held == nullptr ? T() : *held;
}

ExportLine read(const Value& parsed) {
    if (parsed.member("drydock_export") != nullptr)
        return ExportHeader{take<std::string>(parsed, "journal")};
    if (parsed.member("drydock_export_end") != nullptr) {
        return ExportEnd{take<std::int64_t>(parsed, "events"), take<std::string>(parsed, "sha256")};
    }
    ExportedEvent exported;
    exported.run = take<std::string>(parsed, "run");
    exported.event.seq = take<std::int64_t>(parsed, "seq");
    exported.event.line = take<std::string>(parsed, "line");
    exported.event.salt = crypto::from_base64(take<std::string>(parsed, "salt"));
    if (parsed.member("body") != nullptr) exported.event.body = take<std::string>(parsed, "body");
    return exported;
}

std::string write_again(const ExportLine& line) {
    if (const auto* header = std::get_if<ExportHeader>(&line)) return to_line(*header);
    if (const auto* end = std::get_if<ExportEnd>(&line)) return to_line(*end);
    const auto& exported = std::get<ExportedEvent>(line);
    return to_line(exported.run, exported.event);
}

}  // namespace

std::string to_line(const ExportHeader& header) {
    return json::write(Value::Map{{"drydock_export", kExportVersion}, {"journal", header.journal}});
}

std::string to_line(const std::string& run, const journal::StoredEvent& event) {
    Value::Map map{{"run", run}, {"seq", event.seq}, {"line", event.line}};
    if (!event.salt.empty()) map.emplace("salt", crypto::to_base64(event.salt));
    if (event.body) map.emplace("body", *event.body);
    return json::write(map);
}

std::string to_line(const ExportEnd& end) {
    return json::write(Value::Map{
        {"drydock_export_end", kExportVersion}, {"events", end.events}, {"sha256", end.sha256}});
}

ExportLine from_line(std::string_view line) {
    ExportLine read_line;
    try {
        read_line = read(json::parse(line, kLimits));
    } catch (const Error& error) {
        throw Error(ErrorCode::Integrity, "this is no line of an export: " + error.message());
    }
    // Whatever the reader passed over (a key it does not know, another spelling) shows here.
    if (write_again(read_line) != line)
        throw Error(ErrorCode::Integrity, "this is no line of an export as drydock writes it");
    return read_line;
}

}  // namespace drydock::audit
