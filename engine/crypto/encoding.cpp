#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNone = 0xFF;

using Places = std::array<std::uint8_t, 256>;

constexpr Places places_of(std::string_view alphabet) {
    Places places{};
    for (auto& place : places) place = kNone;
    for (std::size_t at = 0; at < alphabet.size(); ++at) {
        places[static_cast<unsigned char>(alphabet[at])] = static_cast<std::uint8_t>(at);
    }
    return places;
}

constexpr Places kBase64Places = places_of(kBase64);
constexpr Places kHexPlaces = places_of(kHex);

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::uint32_t byte(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

[[noreturn]] void refuse_base64() { throw Error(ErrorCode::Document, "not base64"); }

// The six bits of each of the four letters at `at`; padding counts as zero.
std::uint32_t four_letters(std::string_view text, std::size_t at, std::size_t padding) {
    std::uint32_t bits = 0;
    for (std::size_t letter = 0; letter < 4; ++letter) {
        const bool is_padding = letter + padding >= 4;
        const std::uint8_t place =
            is_padding ? std::uint8_t{0}
                       : kBase64Places[static_cast<unsigned char>(text[at + letter])];
        if (place == kNone) refuse_base64();
        bits = bits << 6 | place;
    }
    return bits;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        out += kHex[byte(bytes, at) >> 4];
        out += kHex[byte(bytes, at) & 15];
    }
    return out;
}

std::string to_hex(const Digest& digest) { return to_hex(view(digest)); }

std::string from_hex(std::string_view text) {
    std::string out;
    if (text.size() % 2 != 0) throw Error(ErrorCode::Document, "not hex: an odd number of digits");
    out.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const std::uint8_t high = kHexPlaces[static_cast<unsigned char>(text[at])];
        const std::uint8_t low = kHexPlaces[static_cast<unsigned char>(text[at + 1])];
        if (high == kNone || low == kNone) {
            throw Error(ErrorCode::Document, "not hex: digits are 0-9 and a-f");
        }
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::uint32_t bits =
            byte(bytes, at) << 16 | byte(bytes, at + 1) << 8 | byte(bytes, at + 2);
        out += kBase64[bits >> 18];
        out += kBase64[bits >> 12 & 63];
        out += at + 1 < bytes.size() ? kBase64[bits >> 6 & 63] : '=';
        out += at + 2 < bytes.size() ? kBase64[bits & 63] : '=';
    }
    return out;
}

std::string to_base64(const Digest& digest) { return to_base64(view(digest)); }

std::string from_base64(std::string_view text) {
    if (text.size() % 4 != 0) refuse_base64();
    std::string out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool is_last = at + 4 == text.size();
        std::size_t padding = 0;
        if (is_last && text[at + 3] == '=') padding = text[at + 2] == '=' ? 2 : 1;
        const std::uint32_t bits = four_letters(text, at, padding);
        // Bits that belong to no byte must be zero, else two texts would stand for the same bytes.
        if ((bits & ((1U << 8 * padding) - 1)) != 0) refuse_base64();
        out += static_cast<char>(bits >> 16);
        if (padding < 2) out += static_cast<char>(bits >> 8 & 0xFF);
        if (padding < 1) out += static_cast<char>(bits & 0xFF);
    }
    return out;
}

}  // namespace drydock::crypto
