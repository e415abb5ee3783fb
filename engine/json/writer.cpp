#include "engine/json/writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/json/utf8.h"

namespace drydock::json {
namespace {

constexpr std::array<char, 16> kHex{'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

bool needs_escape(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\';
}

}  // namespace

bool looks_tagged(const Value::Map& map) {
    return map.size() == 1 && map.begin()->first.starts_with('$');
}

std::string Writer::text(const Value& value) {
    put(value);
    return std::move(out_);
}

void Writer::put(const Value& value) {
    const bool typed = dialect_ == Dialect::Typed;
    if (value.is_null()) {
        out_ += "null";
    } else if (const auto* flag = value.find<bool>()) {
        out_ += *flag ? "true" : "false";
    } else if (const auto* integer = value.find<std::int64_t>()) {
        put_integer(*integer);
    } else if (const auto* number = value.find<double>()) {
        put_number(*number);
    } else if (const auto* text = value.find<std::string>()) {
        put_string(*text);
    } else if (const auto* list = value.find<Value::List>()) {
        put_list(*list);
    } else if (const auto* map = value.find<Value::Map>()) {
        put_map(*map);
    } else if (!typed) {
        put_quoted(to_text(value));  // quantities as users write them, a secret as its placeholder
    } else if (const auto* secret = value.find<Secret>()) {
        put_tagged("$secret", [&] { put_quoted(secret->name()); });
    } else if (const auto* duration = value.find<Duration>()) {
        put_tagged("$duration", [&] { put_integer(duration->length.count()); });
    } else if (const auto* size = value.find<Size>()) {
        put_tagged("$size", [&] { put_integer(size->bytes); });
    } else {
        put_tagged("$timestamp", [&] { put_integer(value.as<Timestamp>().micros); });
    }
}

void Writer::put_list(const Value::List& list) {
    begin('[');
    bool first = true;
    for (const Value& item : list) {
        next(first);
        put(item);
        first = false;
    }
    end(']', list.empty());
}

void Writer::put_map(const Value::Map& map) {
    const bool wrapped = dialect_ == Dialect::Typed && looks_tagged(map);
    if (wrapped) {
        begin('{');
        out_ += "\"$map\":";
    }
    begin('{');
    bool first = true;
    for (const auto& [key, item] : map) {
        next(first);
        // A replaced byte would come back as another key, so the exact dialect says no.
        if (dialect_ == Dialect::Typed && !is_utf8(key)) {
            throw Error(ErrorCode::Lua, "the key \"" + to_utf8(key) + "\" is not UTF-8",
                        "keys must be text; bytes may be values");
        }
        put_quoted(key);
        out_ += pretty_ ? ": " : ":";
        put(item);
        first = false;
    }
    end('}', map.empty());
    if (wrapped) end('}', false);
}

void Writer::put_string(std::string_view text) {
    if (dialect_ == Dialect::Typed && !is_utf8(text)) {
        put_tagged("$bytes", [&] { put_quoted(crypto::to_base64(text)); });
    } else {
        put_quoted(text);
    }
}

void Writer::put_quoted(std::string_view text) {
    out_ += '"';
    std::size_t clean = 0;  // what stands before `at` and is not yet written begins here
    for (std::size_t at = 0; at < text.size();) {
        const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
        if (ascii && !needs_escape(text[at])) {
            ++at;
            continue;
        }
        const std::size_t length = ascii ? 0 : utf8_sequence(text.substr(at));
        if (length > 0) {
            at += length;
            continue;
        }
        out_ += text.substr(clean, at - clean);
        if (ascii) {
            put_escaped(text[at]);
        } else {
            out_ += kReplacement;
        }
        clean = ++at;
    }
    out_ += text.substr(clean);
    out_ += '"';
}

void Writer::put_escaped(char byte) {
    switch (byte) {
        case '"': out_ += "\\\""; break;
        case '\\': out_ += "\\\\"; break;
        case '\n': out_ += "\\n"; break;
        case '\r': out_ += "\\r"; break;
        case '\t': out_ += "\\t"; break;
        case '\b': out_ += "\\b"; break;
        case '\f': out_ += "\\f"; break;
        default:
            out_ += "\\u00";
            out_ += kHex[static_cast<unsigned char>(byte) >> 4];
            out_ += kHex[static_cast<unsigned char>(byte) & 15];
    }
}

void Writer::put_number(double number) {
    if (!std::isfinite(number)) {
        throw Error(ErrorCode::Lua, "json cannot hold " + to_text(number),
                    "keep infinities and results of 0/0 out of outputs and recorded values");
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    out_ += text;
    // Without a point it would come back as an integer.
    if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
}

void Writer::put_integer(std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out_.append(buffer.data(), end);
}

template <class T>
void Writer::put_tagged(std::string_view tag, const T& put_inside) {
    begin('{');
    out_ += '"';
    out_ += tag;
    out_ += "\":";
    put_inside();
    end('}', false);
}

void Writer::begin(char bracket) {
    if (++level_ > kDeepest) {
        throw Error(ErrorCode::Lua,
                    "a value nested deeper than " + std::to_string(kDeepest) + " levels");
    }
    out_ += bracket;
}

void Writer::next(bool first) {
    if (!first) out_ += ',';
    if (!pretty_) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(level_) * 2, ' ');
}

void Writer::end(char bracket, bool empty) {
    --level_;
    if (pretty_ && !empty) {
        out_ += '\n';
        out_.append(static_cast<std::size_t>(level_) * 2, ' ');
    }
    out_ += bracket;
}

std::string write(const Value& value) { return Writer(Dialect::Plain, false).text(value); }

std::string write_pretty(const Value& value) { return Writer(Dialect::Plain, true).text(value); }

std::string write_typed(const Value& value) { return Writer(Dialect::Typed, false).text(value); }

}  // namespace drydock::json
