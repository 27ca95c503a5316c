/** Numbers in the cells of a heat map, on the page and in heatmap.png. */

/** Side of a cell from which its number has room, pixels. */
export const leastCellForNumbers = 44;

/** Black from the place on viridis at which it has more contrast than white (4.6 : 1 both). @param position of the value on the colour scale */
export const cellTextColour = (position: number): string => (position > 0.44 ? "#000000" : "#ffffff");
