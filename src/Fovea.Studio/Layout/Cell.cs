using Fovea.Studio.State;

namespace Fovea.Studio.Layout;

/// <summary>A square of a <see cref="CellGrid"/>.</summary>
/// <param name="Fill">Its colour; null for a square without one.</param>
/// <param name="Text">What stands in it.</param>
/// <param name="Mark">A class for how it is drawn: "window", "current", "outside".</param>
/// <param name="Link">What lights up together with it in other grids.</param>
/// <param name="Name">What it is, for who cannot see it; null where that is said elsewhere.</param>
public readonly record struct Cell(Shade? Fill, string Text = "", string Mark = "", string? Link = null, string? Name = null);
