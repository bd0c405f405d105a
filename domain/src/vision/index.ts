// Pixels to tensors, tensors to detections, detections to counts, counts to what was removed.
export {};
