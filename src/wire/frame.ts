/** One event of a stream, however the stream is framed. */
export interface Frame {
  /** Exactly as it came. */
  readonly bytes: Buffer
  /** The event's name; empty when it has none. */
  readonly event: string
  /** Empty when it has none. */
  readonly data: Buffer
  /** Whether there are data at all: a comment has none. */
  readonly hasData: boolean
}

/** Finds the frames of one stream in chunks of any size. How these are cut changes nothing. */
export interface FrameScanner {
  /**
   * The frames that this chunk completes, in order.
   * @throws GatewayError `upstream_invalid`: the stream is lost.
   */
  push(chunk: Buffer): readonly Frame[]
  /**
   * Says that no more bytes will come. A last frame, where only the end could tell that it was whole.
   * @throws GatewayError `upstream_cut` where the framing itself tells that bytes are missing.
   */
  end(): { readonly frame: Frame | undefined }
}
