using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterLeaves()
    {
        Register<Constant>((constant, _, on) => (_, _) => torch.tensor(constant.Number, on.Real, on.Device));
        Register<Coordinates>(
            (cells, _, on) => (_, _) => CoordinatesOf(cells.Rows, cells.Columns).to(on.Real).to(on.Device)
        );
        Register<Always>((_, _, on) => (_, _) => torch.ones([1], ScalarType.Bool, on.Device));
        Register<NotEqual>(
            (differ, _, on) =>
                (_, _) =>
                {
                    var sizes = differ.Of.Dimensions.Map(d => (long)d.Size).ToArray();
                    return torch
                        .eye(differ.Of.Count, dtype: ScalarType.Bool, device: on.Device)
                        .logical_not()
                        .reshape([.. sizes, .. sizes]);
                }
        );
    }

    private static Tensor CoordinatesOf(int rows, int columns)
    {
        Func<int, int, double>[] cell =
        [
            (_, x) => x * (2.0 / columns) - 1,
            (y, _) => y * (2.0 / rows) - 1,
            (_, x) => (x + 1) * (2.0 / columns) - 1,
            (y, _) => (y + 1) * (2.0 / rows) - 1,
            (_, x) => (x + 0.5) * (2.0 / columns) - 1,
            (y, _) => (y + 0.5) * (2.0 / rows) - 1,
            (_, _) => 1.0 / columns,
            (_, _) => 1.0 / rows,
        ];
        return torch.tensor(
            [
                .. from of in cell
                from y in Enumerable.Range(0, rows)
                from x in Enumerable.Range(0, columns)
                select of(y, x),
            ],
            [cell.Length, rows, columns]
        );
    }
}
