#include "engine/files/codec.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <string>
#include <vector>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::files {
namespace {

constexpr std::size_t kOutputBytes = 256 * 1024;
constexpr int kGzipWindow = 15 + 16;  // zlib.h: the largest window, with gzip's header and checksum
constexpr int kGzipMemory = 8;

[[noreturn]] void damaged(const std::string& why) {
    throw Error(ErrorCode::File, "not readable as compressed data: " + why,
                "the file is damaged or not what its name says");
}
[[noreturn]] void cut() { damaged("it ends too early"); }

std::string_view view(const std::vector<char>& buffer, std::size_t size) {
    return {buffer.data(), size};
}

void set_input(z_stream& stream, std::string_view bytes) {
    stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
}

void set_output(z_stream& stream, std::vector<char>& buffer) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
}

class GzipCompressor final : public Codec {
  public:
    GzipCompressor() {
        CHECK(deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
                           kGzipMemory, Z_DEFAULT_STRATEGY) == Z_OK);
    }
    void feed(std::string_view bytes, const Sink& sink) override {
        set_input(*stream_, bytes);
        while (stream_->avail_in > 0) step(Z_NO_FLUSH, sink);
    }
    void finish(const Sink& sink) override {
        set_input(*stream_, {});
        while (step(Z_FINISH, sink) != Z_STREAM_END) {
        }
    }

  private:
    struct End {
        void operator()(z_stream* stream) const {
            deflateEnd(stream);
            delete stream;
        }
    };
    int step(int flush, const Sink& sink) {
        set_output(*stream_, out_);
        const int result = deflate(stream_.get(), flush);
        CHECK(result == Z_OK || result == Z_STREAM_END);
        sink(view(out_, out_.size() - stream_->avail_out));
        return result;
    }

    std::unique_ptr<z_stream, End> stream_{new z_stream{}};
    std::vector<char> out_ = std::vector<char>(kOutputBytes);
};

class GzipDecompressor final : public Codec {
  public:
    GzipDecompressor() { CHECK(inflateInit2(stream_.get(), kGzipWindow) == Z_OK); }
    void feed(std::string_view bytes, const Sink& sink) override {
        set_input(*stream_, bytes);
        // Output may also be left inside when all input is taken, so a full buffer asks for more.
        do {
            // A file may be several members, one behind the other (RFC 1952, 2.2).
            if (at_end_of_member_) {
                if (stream_->avail_in == 0) return;
                CHECK(inflateReset(stream_.get()) == Z_OK);
                at_end_of_member_ = false;
            }
            set_output(*stream_, out_);
            const int result = inflate(stream_.get(), Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                damaged(stream_->msg == nullptr ? "gzip error" : stream_->msg);
            }
            at_end_of_member_ = result == Z_STREAM_END;
            sink(view(out_, out_.size() - stream_->avail_out));
        } while (stream_->avail_in > 0 || stream_->avail_out == 0);
    }
    void finish(const Sink& /*sink*/) override {
        if (!at_end_of_member_) cut();
    }

  private:
    struct End {
        void operator()(z_stream* stream) const {
            inflateEnd(stream);
            delete stream;
        }
    };

    std::unique_ptr<z_stream, End> stream_{new z_stream{}};
    std::vector<char> out_ = std::vector<char>(kOutputBytes);
    bool at_end_of_member_ = false;
};

class ZstdCompressor final : public Codec {
  public:
    ZstdCompressor() {
        CHECK(context_ != nullptr);
        CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1)) == 0);
    }
    void feed(std::string_view bytes, const Sink& sink) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        while (in.pos < in.size) step(in, ZSTD_e_continue, sink);
    }
    void finish(const Sink& sink) override {
        ZSTD_inBuffer in{nullptr, 0, 0};
        while (step(in, ZSTD_e_end, sink) > 0) {
        }
    }

  private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    std::size_t step(ZSTD_inBuffer& in, ZSTD_EndDirective directive, const Sink& sink) {
        ZSTD_outBuffer out{out_.data(), out_.size(), 0};
        const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
        CHECK(ZSTD_isError(left) == 0);
        sink(view(out_, out.pos));
        return left;
    }

    std::unique_ptr<ZSTD_CCtx, Free> context_{ZSTD_createCCtx()};
    std::vector<char> out_ = std::vector<char>(kOutputBytes);
};

class ZstdDecompressor final : public Codec {
  public:
    ZstdDecompressor() { CHECK(context_ != nullptr); }
    void feed(std::string_view bytes, const Sink& sink) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        bool is_full = true;
        while (in.pos < in.size || is_full) {
            ZSTD_outBuffer out{out_.data(), out_.size(), 0};
            const std::size_t taken_before = in.pos;
            const std::size_t wants = ZSTD_decompressStream(context_.get(), &out, &in);
            if (ZSTD_isError(wants) != 0) damaged(ZSTD_getErrorName(wants));
            is_full = out.pos == out.size;
            // Asked again at the end of a frame, it says that it wants the next one's header.
            if (in.pos > taken_before || out.pos > 0) wants_ = wants;
            sink(view(out_, out.pos));
        }
    }
    void finish(const Sink& /*sink*/) override {
        if (wants_ != 0) cut();
    }

  private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };

    std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
    std::vector<char> out_ = std::vector<char>(kOutputBytes);
    std::size_t wants_ = 1;  // 0: a frame has just ended
};

}  // namespace

Format format_of(std::string_view name) {
    if (name.ends_with(".gz")) return Format::Gzip;
    if (name.ends_with(".zst")) return Format::Zstd;
    throw Error(ErrorCode::File, std::string(name) + ": the name does not say how it is compressed",
                "name the compressed file .gz or .zst");
}

std::unique_ptr<Codec> make_compressor(Format format) {
    if (format == Format::Gzip) return std::make_unique<GzipCompressor>();
    return std::make_unique<ZstdCompressor>();
}

std::unique_ptr<Codec> make_decompressor(Format format) {
    if (format == Format::Gzip) return std::make_unique<GzipDecompressor>();
    return std::make_unique<ZstdDecompressor>();
}

}  // namespace drydock::files
