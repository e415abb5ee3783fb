#include "engine/postgres/values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/check.h"
#include "engine/json/json.h"

namespace drydock::postgres {
namespace {

// From PostgreSQL's pg_type.dat: these numbers never change.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kJson = 114,
              kFloat4 = 700, kFloat8 = 701, kTimestamptz = 1184, kInterval = 1186, kNumeric = 1700,
              kJsonb = 3802;

struct ArrayType {
    Oid array, element;
};
constexpr std::array kArrays{
    ArrayType{199, kJson},         ArrayType{1000, kBool},     ArrayType{1001, kBytea},
    ArrayType{1002, 18},           ArrayType{1003, 19},        ArrayType{1005, kInt2},
    ArrayType{1007, kInt4},        ArrayType{1009, 25},        ArrayType{1014, 1042},
    ArrayType{1015, 1043},         ArrayType{1016, kInt8},     ArrayType{1021, kFloat4},
    ArrayType{1022, kFloat8},      ArrayType{1028, 26},        ArrayType{1041, 869},
    ArrayType{1115, 1114},         ArrayType{1182, 1082},      ArrayType{1183, 1083},
    ArrayType{1185, kTimestamptz}, ArrayType{1187, kInterval}, ArrayType{1231, kNumeric},
    ArrayType{2951, 2950},         ArrayType{3807, kJsonb}};

std::optional<Oid> element_of(Oid type) {
    for (const ArrayType& one : kArrays) {
        if (one.array == type) return one.element;
    }
    return std::nullopt;
}

std::optional<std::int64_t> integer_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

double real_in(std::string_view text) {
    if (text == "NaN") return std::nan("");
    if (text == "Infinity") return HUGE_VAL;
    if (text == "-Infinity") return -HUGE_VAL;
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

int hex_digit(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// bytea_output = hex, which Drydock's sessions set.
std::string bytes_in(std::string_view text) {
    CHECK(text.starts_with("\\x"));
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 2; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
    return bytes;
}

// Reads the parts of a date one after another.
class DateReader final {
  public:
    explicit DateReader(std::string_view text) : text_(text) {}
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] bool skip(char wanted) {
        if (at_end() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    // Exactly so many digits.
    [[nodiscard]] bool read(int digits, int& number) {
        number = 0;
        for (int i = 0; i < digits; ++i, ++at_) {
            if (at_end() || text_[at_] < '0' || text_[at_] > '9') return false;
            number = number * 10 + (text_[at_] - '0');
        }
        return true;
    }
    // ".5", up to six digits; none are 0.
    [[nodiscard]] int micros() {
        if (!skip('.')) return 0;
        int number = 0, digit = 0;
        for (int unit = 100'000; read(1, digit); unit /= 10) number += digit * unit;
        return number;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// "2026-11-21 02:00:00.123456+05:30", DateStyle ISO. Years BC or beyond 9999 and infinity stay
// text.
ValueView timestamp_in(std::string_view text) {
    DateReader reader(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool whole = reader.read(4, year) && reader.skip('-') && reader.read(2, month) &&
                       reader.skip('-') && reader.read(2, day) && reader.skip(' ') &&
                       reader.read(2, hour) && reader.skip(':') && reader.read(2, minute) &&
                       reader.skip(':') && reader.read(2, second);
    if (!whole) return text;
    const int micros = reader.micros();
    const bool west = reader.skip('-');
    int zone_hour = 0, zone_minute = 0, zone_second = 0;
    if ((!west && !reader.skip('+')) || !reader.read(2, zone_hour) ||
        (reader.skip(':') && !reader.read(2, zone_minute)) ||
        (reader.skip(':') && !reader.read(2, zone_second)) || !reader.at_end())
        return text;
    const int offset = (zone_hour * 60 + zone_minute) * 60 + zone_second;
    const auto days = std::chrono::sys_days(std::chrono::year(year) / month / day);
    const std::int64_t seconds = days.time_since_epoch().count() * 86'400LL + hour * 3600 +
                                 minute * 60 + second + (west ? offset : -offset);
    return Timestamp{seconds * 1'000'000 + micros};
}

// An array as the server writes it: {1,NULL,"a \"b\"",{2,3}}; "[0:1]={…}" when it does not begin
// at 1.
class ArrayReader final {
  public:
    ArrayReader(std::string_view text, Oid element) : text_(text), element_(element) {
        if (text_.starts_with('[')) at_ = text_.find('=') + 1;
    }
    Value read() {
        Value::List list;
        ++at_;  // {
        while (at_ < text_.size() && text_[at_] != '}') {
            list.push_back(text_[at_] == '{' ? read() : item());
            if (at_ < text_.size() && text_[at_] == ',') ++at_;
        }
        ++at_;  // }
        return list;
    }

  private:
    Value item() {
        if (text_[at_] == '"') return value_of(decode(element_, quoted()));
        const std::size_t from = at_;
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') ++at_;
        const std::string_view text = text_.substr(from, at_ - from);
        return text == "NULL" ? Value() : value_of(decode(element_, text));
    }
    std::string quoted() {
        std::string text;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
            text += text_[at_];
        }
        ++at_;  // "
        return text;
    }

    std::string_view text_;
    Oid element_;
    std::size_t at_ = 0;
};

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + bytes.size() * 2);
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

std::string array_of(Oid element, const Value::List& list) {
    std::string text = "{";
    for (const Value& item : list) {
        if (text.size() > 1) text += ',';
        if (const auto* inner = item.find<Value::List>();
            inner != nullptr && element != kJsonb && element != kJson) {
            text += array_of(element, *inner);
            continue;
        }
        const std::optional<std::string> one = encode(element, item);
        if (!one) {
            text += "NULL";
            continue;
        }
        text += '"';
        for (const char c : *one) {
            if (c == '"' || c == '\\') text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + '}';
}

std::string text_parameter(Oid type, const std::string& text) {
    if (type == kBytea) return hex_of(text);
    if (text.find('\0') != std::string::npos || !json::is_utf8(text)) {
        throw Error(ErrorCode::Lua,
                    "a value holds bytes that are no text, and its column is no bytea",
                    "encode them first, or give the column the type bytea");
    }
    return text;
}

Error cannot_go(const Value& value, std::string_view hint) {
    return {ErrorCode::Lua,
            "a " + std::string(value.kind()) + " cannot be a value of this statement",
            std::string(hint)};
}

}  // namespace

ValueView decode(Oid type, std::string_view text) {
    switch (type) {
        case kBool: return text == "t";
        case kInt2:
        case kInt4:
        case kInt8: return *integer_in(text);
        case kFloat4:
        case kFloat8: return real_in(text);
        case kBytea: return Value(bytes_in(text));
        case kTimestamptz: return timestamp_in(text);
        case kNumeric: {
            const std::optional<std::int64_t> integer = integer_in(text);
            if (integer) return *integer;
            return text;
        }
        default: break;
    }
    if (const std::optional<Oid> element = element_of(type))
        return ArrayReader(text, *element).read();
    return text;
}

std::optional<std::string> encode(Oid type, const Value& value) {
    const bool json = type == kJson || type == kJsonb;
    const auto* text = value.find<std::string>();
    if (value.is_null()) return std::nullopt;
    if (value.holds<Secret>() || value.contains_secret())
        throw cannot_go(value, "secrets may not go into SQL");
    if (text != nullptr) return text_parameter(type, *text);
    if (const auto* list = value.find<Value::List>()) {
        if (json) return json::write(value);
        const std::optional<Oid> element = element_of(type);
        // An array of a type that the application made: its elements are read from text.
        return array_of(element.value_or(0), *list);
    }
    if (value.holds<Value::Map>()) {
        if (!json) throw cannot_go(value, "give single values, or a column of type json");
        return json::write(value);
    }
    if (const auto* truth = value.find<bool>()) return *truth ? "true" : "false";
    if (const auto* size = value.find<Size>()) return std::to_string(size->bytes);
    if (const auto* duration = value.find<Duration>()) {
        if (type == kInterval) return std::to_string(duration->length.count()) + " microseconds";
        return to_text(static_cast<double>(duration->length.count()) / 1e6);
    }
    if (const auto* number = value.find<double>()) {
        if (std::isnan(*number)) return "NaN";
        if (std::isinf(*number)) return *number > 0 ? "Infinity" : "-Infinity";
    }
    return to_text(value);
}

}  // namespace drydock::postgres
