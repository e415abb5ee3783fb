#include "engine/journal/ledger.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/check.h"
#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/run/event.h"
#include "engine/run/flat_line.h"

namespace drydock::journal {
namespace {

using Field = run::FlatLine::Field;

constexpr std::array<std::string_view, 4> kKinds{"genesis", "seal", "erase", "prune"};

std::string_view name_of(LedgerKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

[[noreturn]] void damaged(const std::string& what) {
    throw Error(ErrorCode::Integrity, "its line " + what);
}

void put(std::string& line, std::string_view name, std::int64_t number) {
    line += line.size() > 1 ? ",\"" : "\"";
    line.append(name).append("\":").append(std::to_string(number));
}

void put(std::string& line, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    line += ",\"";
    line.append(name).append("\":").append(json::write(Value(text)));
}

void put_if(std::string& line, std::string_view name, std::int64_t number) {
    if (number != 0) put(line, name, number);
}

void take_text(const Field& field, LedgerEntry& entry) {
    const std::array<std::pair<std::string_view, std::string*>, 6> texts{
        {{"journal", &entry.journal},
         {"run", &entry.run},
         {"leaf", &entry.leaf},
         {"event", &entry.event},
         {"actor", &entry.actor},
         {"body", &entry.body}}};
    if (field.name == "kind") {
        const auto* const found = std::ranges::find(kKinds, field.text);
        if (found == kKinds.end()) damaged("has the unknown kind " + std::string(field.text));
        entry.kind = static_cast<LedgerKind>(found - kKinds.begin());
        return;
    }
    const auto* const place =
        std::ranges::find(texts, field.name, &std::pair<std::string_view, std::string*>::first);
    if (place == texts.end()) damaged("has the unknown field " + std::string(field.name));
    *place->second = field.text;
    if (field.text.find('\\') != std::string_view::npos)
        *place->second = json::parse('"' + std::string(field.text) + '"').as<std::string>();
}

void take_number(const Field& field, LedgerEntry& entry) {
    const std::array<std::pair<std::string_view, std::int64_t*>, 6> numbers{
        {{"idx", &entry.idx},
         {"time", &entry.time},
         {"schema", &entry.schema},
         {"n", &entry.n},
         {"seq", &entry.seq},
         {"last", &entry.last}}};
    const auto* const place =
        std::ranges::find(numbers, field.name, &std::pair<std::string_view, std::int64_t*>::first);
    if (place == numbers.end()) damaged("has the unknown field " + std::string(field.name));
    *place->second = field.number;
}

bool is_sealed_kind(std::string_view line) {
    // A quote within a text is escaped, so this stands where the kind does.
    constexpr std::string_view kKey = "\"kind\":\"";
    const std::size_t at = line.find(kKey);
    if (at == std::string_view::npos) return false;
    const std::string_view rest = line.substr(at + kKey.size());
    for (const std::string_view kind :
         {run::RunCreated::kKind, run::RunSuspended::kKind, run::RunEnded::kKind}) {
        if (rest.starts_with(kind) && rest.substr(kind.size()).starts_with('"')) return true;
    }
    return false;
}

}  // namespace

std::string encode(const LedgerEntry& entry) {
    std::string line = "{";
    line.reserve(256);
    put(line, "v", kLedgerVersion);
    put(line, "idx", entry.idx);
    put(line, "time", entry.time);
    put(line, "kind", name_of(entry.kind));
    put(line, "journal", entry.journal);
    put_if(line, "schema", entry.schema);
    put_if(line, "n", entry.n);
    put(line, "run", entry.run);
    put_if(line, "seq", entry.seq);
    put_if(line, "last", entry.last);
    put(line, "leaf", entry.leaf);
    put(line, "event", entry.event);
    put(line, "actor", entry.actor);
    put(line, "body", entry.body);
    line += '}';
    return line;
}

LedgerEntry decode_ledger(std::string_view line) {
    LedgerEntry entry;
    run::FlatLine fields(line);
    Field field;
    if (!fields.next(field) || field.name != "v" || field.number != kLedgerVersion)
        damaged("is of a version that this drydock does not know");
    while (fields.next(field)) {
        if (field.type == run::FlatLine::Type::Text) {
            take_text(field, entry);
        } else if (field.type == run::FlatLine::Type::Number) {
            take_number(field, entry);
        } else {
            damaged("has the unknown field " + std::string(field.name));
        }
    }
    // Another order, a field twice, a zero: all of it shows here.
    if (encode(entry) != line) damaged("is not as drydock writes one");
    return entry;
}

bool wants_seal(const std::vector<StoredEvent>& events) {
    if (events.empty()) return false;
    const std::int64_t before = events.front().seq - 1;
    if (before / kSealEvery != events.back().seq / kSealEvery) return true;
    return std::ranges::any_of(
        events, [](const StoredEvent& event) { return is_sealed_kind(event.line); });
}

LedgerEntry seal_of(std::int64_t n, const StoredEvent& event) {
    const run::LineHead head = run::read_head(event.line);
    CHECK(head.seq == event.seq);
    return {.kind = LedgerKind::Seal,
            .n = n,
            .run = std::string(head.run),
            .seq = event.seq,
            .leaf = crypto::to_base64(crypto::sha256(event.line)),
            .event = std::string(head.kind)};
}

}  // namespace drydock::journal
