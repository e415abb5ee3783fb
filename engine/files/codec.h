#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace drydock::files {

enum class Format : std::uint8_t { Gzip, Zstd };

// The format that the name of a compressed file says: ".gz" or ".zst". Throws Error{File} else.
[[nodiscard]] Format format_of(std::string_view name);

// One direction of one format over a stream, in memory that does not grow with it. Damaged input is
// Error{File}, without the file's name.
class Codec {
  public:
    using Sink = std::function<void(std::string_view piece)>;

    virtual ~Codec() = default;
    virtual void feed(std::string_view bytes, const Sink& sink) = 0;
    // After the last feed. Throws when the input was cut.
    virtual void finish(const Sink& sink) = 0;
};

[[nodiscard]] std::unique_ptr<Codec> make_compressor(Format format);
[[nodiscard]] std::unique_ptr<Codec> make_decompressor(Format format);

}  // namespace drydock::files
