#include "engine/run/flat_line.h"

#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <variant>

#include "engine/error.h"
#include "engine/run/event.h"
#include "engine/run/event_codec.h"

namespace drydock::run {
namespace {

[[noreturn]] void damaged(const std::string& what) {
    throw Error(ErrorCode::Integrity, "its line " + what);
}

enum class Letter : std::uint8_t { Plain, Quote, Escape, Refused };

constexpr std::array<Letter, 256> letters() {
    std::array<Letter, 256> all{};
    for (std::size_t c = 0; c < 0x20; ++c) all[c] = Letter::Refused;
    all['"'] = Letter::Quote;
    all['\\'] = Letter::Escape;
    return all;
}
constexpr std::array<Letter, 256> kLetters = letters();

bool is_name_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

template <std::size_t... I>
bool is_kind(std::string_view name, std::index_sequence<I...>) {
    return ((std::variant_alternative_t<I, Payload>::kKind == name) || ...);
}

}  // namespace

FlatLine::FlatLine(std::string_view line) : rest_(line) { take('{'); }

void FlatLine::take(char expected) {
    if (rest_.empty() || rest_.front() != expected) damaged("is not as drydock writes one");
    rest_.remove_prefix(1);
}

bool FlatLine::next(Field& field) {
    if (!rest_.empty() && rest_.front() == '}') {
        if (rest_.size() != 1) damaged("does not end where it should");
        return false;
    }
    if (!std::exchange(first_, false)) take(',');
    take('"');
    std::size_t end = 0;
    while (end < rest_.size() && is_name_letter(rest_[end])) ++end;
    field.name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    take('"');
    take(':');
    if (rest_.empty()) damaged("is cut");
    switch (rest_.front()) {
        case '"':
            field.type = Type::Text;
            field.text = take_text();
            break;
        case '[':
            field.type = Type::List;
            take_list();
            break;
        case 't':
            field.type = Type::Flag;
            for (const char letter : std::string_view("true")) take(letter);
            break;
        default:
            field.type = Type::Number;
            field.number = take_number();
            break;
    }
    return true;
}

std::string_view FlatLine::take_text() {
    rest_.remove_prefix(1);
    std::size_t end = 0;
    for (;; ++end) {
        if (end >= rest_.size()) damaged("is cut");
        const Letter letter = kLetters[static_cast<unsigned char>(rest_[end])];
        if (letter == Letter::Plain) continue;
        if (letter == Letter::Quote) break;
        if (letter == Letter::Refused) damaged("has a control character");
        ++end;
    }
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
}

std::int64_t FlatLine::take_number() {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    const auto length = static_cast<std::size_t>(end - rest_.data());
    const std::size_t digits = rest_.starts_with('-') ? 1 : 0;
    const bool padded = length > digits + 1 && rest_[digits] == '0';
    if (failed != std::errc() || padded || (digits == 1 && number == 0))
        damaged("has a number that is none");
    rest_.remove_prefix(length);
    return number;
}

void FlatLine::take_list() {
    take('[');
    for (;;) {
        (void)take_number();
        if (!rest_.starts_with(',')) break;
        rest_.remove_prefix(1);
    }
    take(']');
}

LineHead read_head(std::string_view line) {
    LineHead head;
    FlatLine::Field field;
    FlatLine fields(line);
    if (!fields.next(field) || field.name != "v" || field.number < 1 ||
        field.number > kEventVersion)
        damaged("is of a version that this drydock does not know");
    while (fields.next(field)) {
        if (field.type == FlatLine::Type::Text) {
            if (field.name == "run") head.run = field.text;
            if (field.name == "prev") head.prev = field.text;
            if (field.name == "kind") head.kind = field.text;
            if (field.name == "body") head.body = field.text;
        } else if (field.type == FlatLine::Type::Number) {
            if (field.name == "seq") head.seq = field.number;
            if (field.name == "time") head.time = field.number;
            if (field.name == "term") head.term = field.number;
        }
    }
    if (!is_kind(head.kind, std::make_index_sequence<std::variant_size_v<Payload>>()))
        damaged("has the unknown kind " + std::string(head.kind));
    return head;
}

}  // namespace drydock::run
