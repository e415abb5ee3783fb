#include "engine/run/event_codec.h"

#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::run {
namespace {

[[noreturn]] void damaged(const std::string& what) {
    throw Error(ErrorCode::Integrity, "event " + what,
                "drydock audit verify shows where the journal was altered");
}

void append_number(std::string& out, std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

// Line fields are names, digests and words of ours; what needs escaping goes the slow way.
void append_string(std::string& out, std::string_view text) {
    bool plain = true;
    for (const char c : text) {
        if (c < 0x20 || c == '"' || c == '\\' || c > 0x7e) plain = false;
    }
    if (plain) {
        out += '"';
        out += text;
        out += '"';
    } else {
        out += json::write(Value(text));
    }
}

void append_key(std::string& out, std::string_view name) {
    out += out.size() > 1 ? ",\"" : "\"";
    out += name;
    out += "\":";
}

struct LineWriter {
    std::string& out;

    void operator()(std::string_view name, const std::string& text) {
        if (text.empty()) return;
        append_key(out, name);
        append_string(out, text);
    }
    void operator()(std::string_view name, std::int64_t number) {
        if (number == 0) return;
        append_key(out, name);
        append_number(out, number);
    }
    void operator()(std::string_view name, bool flag) {
        if (!flag) return;
        append_key(out, name);
        out += "true";
    }
    void operator()(std::string_view name, const std::vector<std::int64_t>& numbers) {
        if (numbers.empty()) return;
        append_key(out, name);
        out += '[';
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (i > 0) out += ',';
            append_number(out, numbers[i]);
        }
        out += ']';
    }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void operator()(std::string_view name, const Enum& word) {
        append_key(out, name);
        append_string(out, name_of(word));
    }
};

// Takes each field out of the parsed line, so that what is left over is an unknown field.
struct LineReader {
    Value::Map& fields;

    void operator()(std::string_view name, std::string& text) { take(name, text); }
    void operator()(std::string_view name, std::int64_t& number) { take(name, number); }
    void operator()(std::string_view name, bool& flag) { take(name, flag); }
    void operator()(std::string_view name, std::vector<std::int64_t>& numbers) {
        Value::List list;
        take(name, list);
        for (const Value& item : list) {
            const auto* number = item.find<std::int64_t>();
            if (number == nullptr) damaged("has a wrong " + std::string(name));
            numbers.push_back(*number);
        }
    }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void operator()(std::string_view name, Enum& word) {
        std::string text;
        take(name, text);
        word = from_name<Enum>(text);
    }

  private:
    template <class T>
    void take(std::string_view name, T& into) {
        const auto found = fields.find(name);
        if (found == fields.end()) return;
        T* held = found->second.find<T>();
        if (held == nullptr) damaged("has a wrong " + std::string(name));
        into = std::move(*held);
        fields.erase(found);
    }
};

template <class V, class Self>
void common_fields(V& visit, Self& event) {
    visit("prev", event.prev);
    visit("time", event.time);
    visit("term", event.term);
    visit("actor", event.actor);
}

template <std::size_t I = 0>
Payload make_payload(std::string_view kind, LineReader& reader) {
    if constexpr (I < std::variant_size_v<Payload>) {
        using Kind = std::variant_alternative_t<I, Payload>;
        if (Kind::kKind != kind) return make_payload<I + 1>(kind, reader);
        Kind payload;
        Kind::fields(reader, payload);
        return payload;
    } else {
        damaged("has the unknown kind " + std::string(kind));
    }
}

crypto::Digest body_digest(std::string_view salt, std::string_view body) {
    crypto::Sha256 hash;
    hash.update(salt);
    hash.update(body);
    return hash.finish();
}

void read_body(Event& event, std::string_view salt, const std::string& body) {
    if (crypto::to_base64(body_digest(salt, body)) != event.body_digest) {
        damaged(std::to_string(event.seq) + " of run " + event.run + " has an altered body");
    }
    Value parsed = json::parse_typed(body, {.bytes = 64U << 20, .depth = 80});
    auto* map = parsed.find<Value::Map>();
    if (map == nullptr) damaged("has a body that is no object");
    event.body = std::move(*map);
}

}  // namespace

std::string_view kind_of(const Event& event) {
    return std::visit([](const auto& payload) { return payload.kKind; }, event.payload);
}

EncodedEvent encode(Event& event, std::string_view salt) {
    EncodedEvent encoded;
    if (!event.body.empty()) {
        encoded.body = json::write_typed(Value(event.body));
        encoded.salt = std::string(salt);
        event.body_digest = crypto::to_base64(body_digest(salt, *encoded.body));
    }
    std::string& line = encoded.line;
    line.reserve(320);
    line += '{';
    LineWriter writer{line};
    writer("v", event.version);
    writer("run", event.run);
    writer("seq", event.seq);
    common_fields(writer, event);
    writer("kind", std::string(kind_of(event)));
    writer("scope", event.scope);
    writer("attempt", event.attempt);
    std::visit([&](const auto& payload) { payload.fields(writer, payload); }, event.payload);
    writer("body", event.body_digest);
    line += '}';
    return encoded;
}

Event decode(std::string_view line, std::string_view salt, const std::optional<std::string>& body) {
    Value parsed;
    try {
        parsed = json::parse(line);
    } catch (const Error& error) {
        damaged("is no JSON line: " + error.message());
    }
    auto* fields = parsed.find<Value::Map>();
    if (fields == nullptr) damaged("is no JSON object");
    LineReader reader{*fields};
    Event event;
    event.version = 0;
    reader("v", event.version);
    if (event.version < 1 || event.version > kEventVersion) {
        throw Error(
            ErrorCode::Integrity,
            "event of version " + std::to_string(event.version) + " is newer than this drydock",
            "run the drydock that wrote it, or a newer one");
    }
    reader("run", event.run);
    reader("seq", event.seq);
    common_fields(reader, event);
    std::string kind;
    reader("kind", kind);
    reader("scope", event.scope);
    reader("attempt", event.attempt);
    reader("body", event.body_digest);
    event.payload = make_payload(kind, reader);
    if (!fields->empty()) damaged("has the unknown field " + fields->begin()->first);
    if (body) {
        read_body(event, salt, *body);
    } else {
        event.body_erased = !event.body_digest.empty();
    }
    return event;
}

std::string chain_start(std::string_view run) {
    return crypto::to_base64(crypto::sha256("drydock-run-v1\n" + std::string(run)));
}

std::string chain_next(std::string_view line) { return crypto::to_base64(crypto::sha256(line)); }

}  // namespace drydock::run
