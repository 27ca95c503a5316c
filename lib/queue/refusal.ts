/** A worker cannot score a model, while others may: it hands the model's ticket back, which counts as no attempt, and leaves the model alone. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
