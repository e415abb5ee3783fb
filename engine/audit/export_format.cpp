#include "engine/audit/export_format.h"

#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::audit {
namespace {

constexpr json::ReadLimits kLimits{.bytes = std::size_t{1} << 20, .depth = 4};

[[noreturn]] void no_line(const std::string& why) {
    throw Error(ErrorCode::Integrity, "this is no line of an export: " + why);
}

template <class T>
T take(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    const T* held = found == nullptr ? nullptr : found->find<T>();
    return held == nullptr ? T() : *held;
}

std::string record(std::string_view key, const std::string& line, const std::string& salt,
                   const std::optional<std::string>& body) {
    Value::Map map{{std::string(key), line}};
    if (!salt.empty()) map.emplace("salt", crypto::to_base64(salt));
    if (body) map.emplace("body", *body);
    return json::write(map);
}

// Takes the strings of an event's line, which come by the million; the others go through the
// general reader.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool takes(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    void want(std::string_view expected) {
        if (!takes(expected)) no_line("it is not as drydock writes one");
    }
    // Up to the closing quote.
    void text(std::string& into) {
        into.clear();
        for (;;) {
            std::size_t end = 0;
            while (end < rest_.size() && rest_[end] != '"' && rest_[end] != '\\' &&
                   static_cast<unsigned char>(rest_[end]) >= 0x20)
                ++end;
            into.append(rest_.substr(0, end));
            rest_.remove_prefix(end);
            if (takes("\"")) return;
            escape(into);
        }
    }
    [[nodiscard]] bool done() const { return rest_.empty(); }

  private:
    void escape(std::string& into) {
        if (rest_.size() < 2 || rest_[0] != '\\') no_line("a text is cut");
        constexpr std::string_view kShort = "\"\\bfnrt", kMeans = "\"\\\b\f\n\r\t";
        if (const std::size_t at = kShort.find(rest_[1]); at != std::string_view::npos) {
            into += kMeans[at];
            rest_.remove_prefix(2);
            return;
        }
        // Only of a control character, and only of one that has no shorter form.
        if (rest_.size() < 6 || !takes("\\u00")) no_line("it has an escape that is not ours");
        const char byte = crypto::from_hex(rest_.substr(0, 2))[0];
        rest_.remove_prefix(2);
        if (static_cast<unsigned char>(byte) >= 0x20 || kMeans.find(byte) != std::string_view::npos)
            no_line("it has an escape that is not ours");
        into += byte;
    }

    std::string_view rest_;
};

// {"body":…,"line":…,"salt":…}, or with "ledger" for "line".
void read_record(std::string_view text, ExportRecord& record) {
    Scanner scanner(text);
    record.salt.clear();
    scanner.want("{");
    const bool has_body = scanner.takes("\"body\":\"");
    if (has_body) {
        if (!record.body) record.body.emplace();
        scanner.text(*record.body);
        scanner.want(",");
    } else {
        record.body.reset();
    }
    record.of_ledger = scanner.takes("\"ledger\":\"");
    if (!record.of_ledger) scanner.want("\"line\":\"");
    scanner.text(record.line);
    if (scanner.takes(",\"salt\":\"")) {
        scanner.text(record.salt);
        record.salt = crypto::from_base64(record.salt);
    }
    scanner.want("}");
    if (!scanner.done()) no_line("something follows its end");
}

ExportLine read_other(const Value& parsed) {
    if (parsed.member("drydock_export_end") != nullptr)
        return ExportEnd{.events = take<std::int64_t>(parsed, "events"),
                         .heads = take<std::int64_t>(parsed, "heads"),
                         .ledger = take<std::int64_t>(parsed, "ledger"),
                         .sha256 = take<std::string>(parsed, "sha256")};
    if (parsed.member("drydock_export") != nullptr)
        return ExportHeader{.journal = take<std::string>(parsed, "journal"),
                            .run = take<std::string>(parsed, "run"),
                            .ledger = take<std::int64_t>(parsed, "ledger")};
    return ExportHead{take<std::string>(parsed, "head")};
}

std::string write_again(const ExportLine& line) {
    if (const auto* header = std::get_if<ExportHeader>(&line)) return to_line(*header);
    if (const auto* end = std::get_if<ExportEnd>(&line)) return to_line(*end);
    return to_line(std::get<ExportHead>(line));
}

}  // namespace

std::string to_line(const ExportHeader& header) {
    Value::Map map{{"drydock_export", kExportVersion},
                   {"journal", header.journal},
                   {"ledger", header.ledger}};
    if (!header.run.empty()) map.emplace("run", header.run);
    return json::write(map);
}

std::string to_line(const ExportHead& head) { return json::write(Value::Map{{"head", head.note}}); }

std::string to_line(const journal::StoredEvent& event) {
    return record("line", event.line, event.salt, event.body);
}

std::string to_line(const journal::StoredLedgerLine& line) {
    return record("ledger", line.line, line.salt, line.body);
}

std::string to_line(const ExportEnd& end) {
    return json::write(Value::Map{{"drydock_export_end", kExportVersion},
                                  {"events", end.events},
                                  {"heads", end.heads},
                                  {"ledger", end.ledger},
                                  {"sha256", end.sha256}});
}

void from_line(std::string_view text, ExportLine& line) {
    try {
        if (text.starts_with("{\"drydock_export") || text.starts_with("{\"head\"")) {
            line = read_other(json::parse(text, kLimits));
            // Whatever the reader passed over (a key it does not know, another spelling) shows.
            if (write_again(line) != text) no_line("it is not as drydock writes one");
        } else {
            if (!std::holds_alternative<ExportRecord>(line)) line = ExportRecord{};
            read_record(text, std::get<ExportRecord>(line));
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Integrity) throw;
        no_line(error.message());
    }
}

}  // namespace drydock::audit
