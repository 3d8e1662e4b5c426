namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    private const double Rounding = 1e-10;

    /// <summary>A batch computes what its samples compute one by one.</summary>
    public static Verdict BatchIsItsSamples<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "a batch computes what its samples compute",
            () =>
            {
                var trial = Trial.Of(layer, inputs, seed);
                var together = trial.Run();
                var batch = (int)together[0].Value.shape[0];
                return Many.Range(batch)
                    .Bind(b =>
                        Difference.Between(
                            $"of sample {b} ",
                            together.Map(r => r.With(t => t.narrow(0, b, 1))),
                            trial.Run([.. trial.Arguments.Select(a => a.narrow(0, b, 1))]),
                            Rounding
                        )
                    );
            }
        );
}
