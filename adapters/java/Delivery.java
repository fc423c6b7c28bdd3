import java.io.InputStream;
import java.util.List;

/** A stream's bytes, cut into chunks. */
record Delivery(List<byte[]> chunks, String lastEventId) {
    Body body() {
        return new Body(chunks);
    }

    /** Gives the bytes as a connection does: no read goes beyond the chunk that has arrived. */
    static final class Body extends InputStream {
        private final List<byte[]> chunks;
        private int chunk;
        private int position;

        private Body(List<byte[]> chunks) {
            this.chunks = chunks;
        }

        /** The index of the chunk in work, or the number of chunks once the end has been seen. */
        int chunk() {
            return chunk;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            // A loop, because a read gives at least one byte: an empty chunk cannot be passed on.
            while (chunk < chunks.size() && available() == 0) {
                chunk++;
                position = 0;
            }
            if (chunk == chunks.size()) {
                return -1;
            }
            int count = Math.min(length, available());
            System.arraycopy(chunks.get(chunk), position, buffer, offset, count);
            position += count;
            return count;
        }

        @Override
        public int read() {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
        }

        /** Not more than the chunk in work: a reader that looks here must not wait for the next one. */
        @Override
        public int available() {
            return chunk == chunks.size() ? 0 : chunks.get(chunk).length - position;
        }
    }
}
