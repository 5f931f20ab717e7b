import { GalleryPage } from "../gallery/gallery-page.tsx";

export function GalleryRoute(): React.ReactNode {
  return <GalleryPage />;
}
